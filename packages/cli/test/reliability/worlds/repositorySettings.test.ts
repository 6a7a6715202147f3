/** The worlds about git's configuration. */
import { nothingIsLost } from "./repository.ts"
import { broken, filters, settings } from "./repositorySettings.ts"

nothingIsLost("settings", settings, 5)
nothingIsLost("filters", filters, 2)
nothingIsLost("repositories that git refuses", broken, 2)
