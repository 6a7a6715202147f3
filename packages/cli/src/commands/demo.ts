import * as Traced from "@calm/domain/Traced"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Layer from "effect/Layer"
import * as Demo from "../demo/Demo.ts"
import * as Story from "../demo/Story.ts"
import { Invocation } from "../Invocation.ts"
import * as Leaf from "../Leaf.ts"
import * as Parameter from "../Parameter.ts"

export const leaf = Leaf.make({
  description:
    "Plays the main job in a throwaway repository with a home folder of its own: a feature from SPEC to DONE, a bug from REPORTED to DONE, with what is refused on the way and why. It needs git, Node and npm; nothing of yours is touched.",
  examples: ["calm demo", "calm demo --keep"],
  args: {},
  options: { keep: Parameter.flag("keep", "Keep the folder, to look around in it") },
  output: Demo.Played,
  layer: Story.layer.pipe(Layer.merge(NodeFileSystem.layer), Layer.merge(NodePath.layer)),
  run: Traced.fn("demo")(function* ({ keep }) {
    const { gates, roles } = yield* Invocation
    return yield* Demo.run({ keep, gates, roles })
  }),
  quiet: ({ folder }) => folder ?? "",
  render: ({ folder, steps }, style) =>
    [
      // On a terminal the steps were told as they were done.
      ...(style.terminal ? [] : steps.flatMap(Story.lines)),
      folder === null ? "All of it came out as told." : `All of it came out as told. It is kept in ${folder}`
    ].join("\n")
})
