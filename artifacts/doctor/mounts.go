package doctor

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"spurion/artifacts"
)

// mountOf says what kind of disk the store is on, and whether the locks that its settings name are those that the
// disk's own options pass on to other hosts.
func mountOf(o Options) []Finding {
	shared := artifacts.Disk(artifacts.None).Remote(o.Dir)
	m, err := findMount(o.Dir)
	if err != nil || m.kind == "" {
		found := "a disk of this host"
		if shared {
			found = "a disk that other hosts may share; how it is mounted is not known here"
		}
		return []Finding{{"disk", OK, found, ""}}
	}
	found := fmt.Sprintf("%s from %s, mounted on %s", m.kind, m.source, m.point)
	switch m.kind {
	case "tmpfs", "ramfs":
		return []Finding{{"disk", Warn, found + ": it is memory, and gone when this host restarts", "choose a store on a disk with --store"}}
	case "overlay":
		return []Finding{{"disk", Warn, found + ": in a container it is gone with the container", "mount a folder of the host for the store, if this is a container"}}
	}
	if !shared {
		return []Finding{{"disk", OK, found + ", a disk of this host", ""}}
	}
	disk := Finding{"disk", OK, found + ", a disk that other hosts may share", ""}
	if slices.Contains(m.options, "soft") || slices.Contains(m.options, "softerr") {
		disk.Status, disk.Remedy = Warn, "mount it with the option hard: with soft, a server that is slow makes reading and writing fail"
	}
	return append([]Finding{disk}, m.locks(o)...)
}

// locks compares the store's settings with what the options of a network disk say of locks.
func (m mount) locks(o Options) []Finding {
	reach, why := m.reach()
	if reach == nil {
		return nil // Meet finds out
	}
	var names []string
	for _, kind := range reach {
		names = append(names, string(kind))
	}
	switch {
	case slices.Contains(reach, o.Lock):
		return []Finding{{"mount's locks", OK, why + "; the store uses " + string(o.Lock), ""}}
	case o.Lock == artifacts.None:
		return []Finding{{"mount's locks", OK, why + "; the store uses none, though it could use " + strings.Join(names, " or "), ""}}
	}
	best := artifacts.None
	if len(reach) > 0 {
		best = reach[0]
	}
	return []Finding{{"mount's locks", Warn, why + "; the store uses " + string(o.Lock), setLock(o, best)}}
}

// setLock says how to set the kind of locks.
func setLock(o Options, kind artifacts.LockKind) string {
	return fmt.Sprintf("write lock = %q to %s", kind, filepath.Join(o.Dir, artifacts.SettingsFile))
}

// reach gives the kinds of locks that other hosts see, by the options of a mount; nil if these do not tell.
func (m mount) reach() (kinds []artifacts.LockKind, why string) {
	none, both := []artifacts.LockKind{}, []artifacts.LockKind{artifacts.Flock, artifacts.Fcntl}
	has := func(option string) bool { return slices.Contains(m.options, option) }
	switch m.kind {
	case "nfs", "nfs4":
		switch {
		case has("nolock"), has("local_lock=all"):
			return none, "NFS is mounted with locks that stay on this host"
		case has("local_lock=flock"):
			return both[1:], "NFS is mounted with flock locks that stay on this host"
		case has("local_lock=posix"):
			return both[:1], "NFS is mounted with fcntl locks that stay on this host"
		}
		return both, "NFS is mounted with locks that its server keeps"
	case "lustre":
		switch {
		case has("localflock"):
			return none, "Lustre is mounted with localflock: locks stay on this host"
		case has("flock"):
			return both, "Lustre is mounted with flock: locks reach all hosts"
		}
		return none, "Lustre is mounted without flock: it has no locks"
	case "beegfs":
		for _, option := range m.options {
			if path, ok := strings.CutPrefix(option, "cfgFile="); ok {
				return beegfs(path)
			}
		}
	}
	return nil, ""
}

// beegfs reads what the client's configuration says of locks.
func beegfs(path string) (kinds []artifacts.LockKind, why string) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, ""
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, "=")
		if strings.TrimSpace(name) == "tuneUseGlobalFileLocks" && strings.TrimSpace(value) == "true" {
			return []artifacts.LockKind{artifacts.Flock, artifacts.Fcntl}, "BeeGFS has tuneUseGlobalFileLocks = true: locks reach all hosts"
		}
	}
	return []artifacts.LockKind{}, "BeeGFS has tuneUseGlobalFileLocks = false: locks stay on this host"
}
