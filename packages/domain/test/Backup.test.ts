import * as Backup from "@calm/domain/Backup"
import { Time } from "@calm/domain/Ids"
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

const at = Time.make("2025-01-31T10:20:30.456Z")

const backup = (name: string, second: number): Backup.Backup => ({
  name,
  kind: Backup.kindOf(name),
  path: `/b/${name}.db`,
  sizeBytes: 1,
  madeAt: Time.make(`2025-01-31T10:00:${String(second).padStart(2, "0")}.000Z`),
  schemaVersion: 1,
  problem: null
})

describe("the name of a backup", () => {
  it("is that of a file, and nothing that a path or a shell could take for something else", () => {
    const isName = Schema.is(Backup.NewBackupName)
    for (const good of [
      "monday",
      "v1.2",
      "2025-01-31_10-00-00",
      "A",
      "a".repeat(100),
      "automatic",
      "x-auto-1",
      "before"
    ])
      assert.isTrue(isName(good), good)
    for (const bad of ["", ".", "..", "../x", "a/b", "a\\b", "-x", ".x", "a b", "a\n", "é", "x.", "a".repeat(101)])
      assert.isFalse(isName(bad), bad)
  })

  it("leaves to calm the names by which it tells its own apart, in any case", () => {
    for (const name of ["auto-1", "AUTO-1", "before-restore-1", "Before-x"]) {
      assert.isFalse(Schema.is(Backup.NewBackupName)(name), name)
      assert.match(Backup.newNameFault(name) ?? "", /calm's own$/)
    }
  })

  it("that calm gives says the kind and the moment, and can be a name", () => {
    assert.strictEqual(Backup.nameAt("manual", at), "2025-01-31_10-20-30")
    assert.strictEqual(Backup.nameAt("auto", at), "auto-2025-01-31_10-20-30")
    assert.strictEqual(Backup.nameAt("safety", at), "before-restore-2025-01-31_10-20-30")
    assert.isTrue(Schema.is(Backup.NewBackupName)(Backup.nameAt("manual", at)))
    for (const kind of Backup.BackupKind.literals)
      for (const count of [1, 2, 10])
        assert.strictEqual(Backup.kindOf(Backup.numbered(Backup.nameAt(kind, at), count)), kind)
  })
})

it("a safety backup before mending is none of what somebody wanted gone by a restore", () => {
  const fix = Backup.nameAt("safety", Time.make("2026-01-01T00:00:00.000Z"), "fix")
  assert.deepStrictEqual([fix, Backup.kindOf(fix)], ["before-fix-2026-01-01_00-00-00", "safety"])
  assert.deepStrictEqual([fix, "before-restore-1"].map(Backup.isReplaced), [false, true])
})

describe("rotation", () => {
  it("takes the oldest automatic ones alone, whatever else there is and in whatever order", () => {
    const backups = [
      backup("auto-3", 3),
      backup("monday", 0),
      backup("auto-1", 1),
      backup("before-restore-1", 0),
      backup("auto-4", 4),
      backup("auto-2", 2)
    ]
    assert.deepStrictEqual(
      Backup.surplus(backups, "auto-4", 2).map(({ name }) => name),
      ["auto-2", "auto-1"]
    )
    assert.deepStrictEqual(Backup.surplus(backups, "auto-4", 10), [])
  })

  it("never takes the one that was made just now, though the clock was set back and others seem newer", () => {
    const backups = [backup("auto-3", 3), backup("auto-1", 1), backup("auto-2", 2)]
    const taken = (keep: number) => Backup.surplus(backups, "auto-1", keep).map(({ name }) => name)
    assert.deepStrictEqual([taken(2), taken(1), taken(0)], [["auto-2"], ["auto-3", "auto-2"], ["auto-3", "auto-2"]])
  })

  it("orders those of one second by their number", () => {
    const backups = ["auto-x-9", "auto-x-10", "auto-x-2"].map((name) => backup(name, 0))
    assert.deepStrictEqual(
      backups.toSorted(Backup.newestFirst).map(({ name }) => name),
      ["auto-x-10", "auto-x-9", "auto-x-2"]
    )
  })
})
