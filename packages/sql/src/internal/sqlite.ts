/** better-sqlite3, in a module of its own: `driver.ts` loads it when a database is opened first. */
export { default as Database } from "better-sqlite3"
