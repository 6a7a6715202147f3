/** The version of calm, in the one place that every output takes it from. */
export const version = "0.1.0"
