/** `docs/configuration.md` takes its tables from the schemas of the configuration files, which are published here, too. */
import { bundled } from "./bundled.mjs"

const reference = () => bundled('export * from "./ConfigReference.ts"')

/** The page, with what stands between `<!-- begin: keys of … -->` and `<!-- end -->` made anew. */
export const configuration = async (page) => {
  const { table } = await reference()
  return page.replaceAll(
    /(<!-- begin: keys of (\w+) -->\n)[^]*?(<!-- end -->)/g,
    (_, begin, file, end) => `${begin}\n${table(file)}\n\n${end}`
  )
}

/** The JSON Schema of a configuration file. */
export const schema = async (file) => (await reference()).published(file)
