/** The worlds about the repository and its surroundings. */
import { bases, owners, remotes } from "./repositoryBases.ts"
import { nothingIsLost } from "./repository.ts"
import { objects, refs, unfinished } from "./repositoryStates.ts"

nothingIsLost("main in the middle of something", unfinished, 2)
nothingIsLost("refs and locks", refs, 2)
nothingIsLost("objects", objects, 2)
// The last of a list is tried in the small size, too: here that is the repository of another user.
nothingIsLost("bases and owners", [...bases, ...owners], 2)
nothingIsLost("remotes", remotes, 2)
