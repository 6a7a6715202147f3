/** The worlds about git's configuration. */
import { nothingIsLost } from "./repository.ts"
import { broken, filters, settings } from "./repositorySettings.ts"

nothingIsLost("settings", settings, 4)
nothingIsLost("filters", filters, 2)
nothingIsLost("repositories that git refuses", broken, 2)
