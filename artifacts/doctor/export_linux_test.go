package doctor

import "spurion/artifacts"

// MountLocks reads a line of mountinfo, and gives where it mounts what, and what is found about locks there; nil if the
// options do not tell.
func MountLocks(line string, o Options) (point, source string, found []Finding) {
	m, _ := parseMount(line)
	return m.point, m.source, m.locks(o)
}

// Kinds are the kinds of locks.
var Kinds = []artifacts.LockKind{artifacts.Flock, artifacts.Fcntl, artifacts.None}
