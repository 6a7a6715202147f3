/** The small JavaScript repository of the demo, and what is written into it. */

/** The repository before the work begins. Its tests run with Node alone: nothing has to be installed. */
export const start = {
  "package.json": `{
  "name": "greetings",
  "version": "1.0.0",
  "private": true,
  "type": "module",
  "scripts": { "test": "node --test" }
}
`,
  "src/words.js": `export const hello = "Hello"\n`,
  "test/words.test.js": `import assert from "node:assert/strict"
import test from "node:test"
import { hello } from "../src/words.js"

test("there is a word to greet with", () => assert.equal(hello, "Hello"))
`
}

const greetTest = `import assert from "node:assert/strict"
import test from "node:test"
import { greet } from "../src/greet.js"

test("greets by name", () => assert.equal(greet("Ada"), "Hello, Ada!"))
`

/** The feature with a fault that its test finds. */
export const feature = {
  "src/greet.js": `import { hello } from "./words.js"\n\nexport const greet = (name) => hello + name\n`,
  "src/words.js": `export const hello = "Hello, "\n`,
  "test/words.test.js": `import assert from "node:assert/strict"
import test from "node:test"
import { hello } from "../src/words.js"

test("there is a word to greet with", () => assert.match(hello, /^Hello/))
`,
  "test/greet.test.js": greetTest
}

/** The feature mended. */
export const featureMended = {
  "src/greet.js": `import { hello } from "./words.js"\n\nexport const greet = (name) => \`\${hello}\${name}!\`\n`
}

/** What somebody else brings to the base meanwhile, in the same line. */
export const meanwhile = { "src/words.js": `export const hello = "Hello" // the polite form\n` }

/** The conflict resolved: both are kept. */
export const resolved = { "src/words.js": `export const hello = "Hello, " // the polite form\n` }

/** The repair of the bug, with its regression test. */
export const repair = {
  "src/greet.js": `import { hello } from "./words.js"

export const greet = (name) => \`\${hello}\${name.trim() === "" ? "you" : name}!\`
`,
  "test/greet.test.js": `${greetTest}
test("greets somebody without a name", () => assert.equal(greet(" "), "Hello, you!"))
`
}

export const spec = `# A greeting\n\nThe program greets people by name.\n`
export const specAmended = `${spec}\nA greeting ends with an exclamation mark.\n`
export const proposal = `# Proposal\n\nA function greet(name) in src/greet.js, built from src/words.js.\n`

/** A bug report, without its root cause or with it. */
export const bugReport = (rootCause: string): string => `# BUG-001: No greeting without a name

## Reproduction

greet(" ") gives "Hello,  !".

## Root cause

${rootCause}

## Fix plan

Say "you" in src/greet.js; test/greet.test.js shows it.
`
