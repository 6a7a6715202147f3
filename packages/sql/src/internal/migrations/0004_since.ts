/** An index for what happened since a moment, so that the events before it are not looked at. */
export const since: ReadonlyArray<string> = [`CREATE INDEX events_by_time ON events (project_id, at, seq)`]
