package doctor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"spurion/artifacts"
)

// Meet tries what takes two processes: it waits up to five minutes for another one that meets by the same name in the same
// store, on this host or another. Both get the same findings. ErrAlone if none came.
func Meet(ctx context.Context, o Options, name string) ([]Finding, error) {
	disk := o.disk(artifacts.None)
	sum := sha256.Sum256([]byte("meeting " + name))
	dir, err := workplace(disk, o, hex.EncodeToString(sum[:8]))
	if err != nil {
		return nil, fmt.Errorf("doctor: meeting in %s: %w", o.Dir, err)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	me := identity{Name: randomName(), Host: fmt.Sprintf("process %d on %s", os.Getpid(), host), Machine: artifacts.Machine()}
	t, other, err := meet(ctx, disk, dir, me)
	if err != nil {
		_ = disk.Remove(filepath.Join(dir, me.Name+".hello"))
		_ = disk.Remove(dir)
		return nil, fmt.Errorf("doctor: meeting in %s: %w", o.Dir, err)
	}
	p := &partner{talk: t, o: o, locks: map[string]artifacts.Lock{}}
	if !t.leads() {
		return p.serve()
	}
	l := leader{partner: p, here: me, there: other}
	found, err := l.try()
	if _, endErr := t.ask(request{Do: "end", Findings: found}); err == nil {
		err = endErr
	}
	_ = disk.RemoveAll(dir)
	return found, err
}

// A leader asks the partner, and finds.
type leader struct {
	*partner
	here, there identity
}

func (l *leader) try() (found []Finding, err error) {
	found = append(found, l.hosts())
	for _, check := range []func() (Finding, error){
		func() (Finding, error) { return l.lockSeen(artifacts.Flock) },
		func() (Finding, error) { return l.lockSeen(artifacts.Fcntl) },
		func() (Finding, error) { return l.once("create", "created once", l.create) },
		func() (Finding, error) { return l.once("link", "linked once", l.link) },
		l.replaced, l.stamps, l.seen,
	} {
		f, err := check()
		if err != nil {
			return found, fmt.Errorf("doctor: %w", err)
		}
		found = append(found, f)
	}
	return found, nil
}

func (l *leader) hosts() Finding {
	found := l.here.Host + " and " + l.there.Host
	if l.here.Machine != l.there.Machine {
		return Finding{"two hosts", OK, found, ""}
	}
	if !l.disk.Remote(l.o.Dir) {
		return Finding{"two processes", OK, found, ""}
	}
	return Finding{"two hosts", Warn, found + ": what other hosts see was not tried", "run spurion doctor --peer on two hosts at the same time"}
}

// lockSeen tries whether each side sees the other's lock.
func (l *leader) lockSeen(kind artifacts.LockKind) (Finding, error) {
	check, path := string(kind), "lock-"+string(kind)
	used := kind == l.o.Lock
	lock, err := l.o.disk(kind).TryLock(filepath.Join(l.dir, path), false)
	if err != nil {
		f := Finding{check, OK, fmt.Sprintf("this disk gives no such locks (%v); the store does not use them", err), ""}
		if used {
			f = Finding{check, Bad, fmt.Sprintf("this disk gives no such locks (%v): Spurion goes on without, and works", err), setLock(l.o, artifacts.None)}
		}
		return f, nil
	}
	theirs, err := l.ask(request{Do: "lock", Path: path, Kind: kind})
	if unlockErr := lock.Unlock(false); err == nil {
		err = unlockErr
	}
	if err != nil {
		return Finding{}, err
	}
	if !theirs.Yes && theirs.Problem == "" { // and the other way round
		if theirs, err = l.ask(request{Do: "lock", Path: path, Kind: kind}); err != nil {
			return Finding{}, err
		}
		if theirs.Yes {
			lock, err := l.o.disk(kind).TryLock(filepath.Join(l.dir, path), false)
			if theirs.Yes = err == nil; theirs.Yes {
				_ = lock.Unlock(false)
			}
		} else if theirs.Problem == "" {
			theirs.Problem = "it stays after it was let go of"
		}
	}
	if _, err := l.ask(request{Do: "unlock", Path: path}); err != nil {
		return Finding{}, err
	}
	switch {
	case theirs.Problem != "":
		return l.lockUnseen(check, used, "a lock cannot be taken by the other process ("+theirs.Problem+")"), nil
	case theirs.Yes:
		return l.lockUnseen(check, used, "a lock that one process has is given to the other one, too"), nil
	}
	return Finding{check, OK, "a lock that one process has is seen by the other", ""}, nil
}

// lockUnseen finds locks that do not reach: bad if the store uses them.
func (l *leader) lockUnseen(check string, used bool, found string) Finding {
	if !used {
		return Finding{check, OK, found + "; the store does not use these locks", ""}
	}
	return Finding{check, Bad, found + ": nothing is lost by that, but two runs may compute the same instance",
		setLock(l.o, artifacts.None) + `, or try "flock" or "fcntl", whichever is ok here`}
}

// once has both sides make the same names: each must be made by one of them.
func (l *leader) once(do, check string, try func(string) error) (Finding, error) {
	if err := l.say(request{Do: do, Path: do}); err != nil {
		return Finding{}, err
	}
	mine := l.race(do, try)
	var theirs answer
	if err := l.hear(&theirs); err != nil {
		return Finding{}, err
	}
	both, neither := 0, 0
	for n := range mine {
		switch there := n < len(theirs.Won) && theirs.Won[n]; {
		case mine[n] && there:
			both++
		case !mine[n] && !there:
			neither++
		}
	}
	switch {
	case both > 0:
		return Finding{check, Bad, fmt.Sprintf("%d of %d names were given by both processes", both, races), "choose another disk for the store"}, nil
	case neither == races:
		return Finding{check, Warn, "this disk cannot do it: of two hosts that store the same result at the same time the last one replaces the first", ""}, nil
	case neither > 0:
		return Finding{check, Warn, fmt.Sprintf("%d of %d names were given by none of two processes: answers of the disk are lost", neither, races), ""}, nil
	}
	return Finding{check, OK, fmt.Sprintf("%d names that two processes gave at the same time were each given by one", races), ""}, nil
}

// replaced replaces a file that the other side reads.
func (l *leader) replaced() (Finding, error) {
	path := filepath.Join(l.dir, "swapped")
	if err := write(l.disk, path, whole(0)); err != nil {
		return Finding{}, err
	}
	if seen, err := l.ask(request{Do: "wait", Path: "swapped", Refresh: true}); err != nil || !seen.Yes {
		return Finding{"replaced", Warn, "a new file is not seen by the other process", ""}, err
	}
	if err := l.say(request{Do: "read", Path: "swapped"}); err != nil {
		return Finding{}, err
	}
	swapErr := swap(l.disk, path)
	if err := write(l.disk, path+".end", ""); err != nil {
		return Finding{}, err
	}
	var a answer
	err := l.hear(&a)
	return a.Reading.finding("replaced", swapErr), err
}

// stamps compares the times of files that both sides make in turn.
func (l *leader) stamps() (Finding, error) {
	const check = "file times"
	least, most := time.Duration(-1<<62), time.Duration(1<<62) // of what the other's clock is ahead
	for range 3 {
		before, err := l.stamp()
		if err != nil {
			return Finding{}, err
		}
		there, err := l.ask(request{Do: "stamp"})
		if err != nil {
			return Finding{}, err
		}
		after, err := l.stamp()
		if err != nil {
			return Finding{}, err
		}
		least, most = max(least, there.Stamp.Sub(after)), min(most, there.Stamp.Sub(before))
	}
	off := time.Duration(0)
	switch grain := 2 * time.Second; {
	case least > grain:
		off = least
	case most < -grain:
		off = most
	}
	found := fmt.Sprintf("a file of %s is stamped %s one of %s", l.there.Host, direction(off), l.here.Host)
	const set = "set the clocks of all hosts by NTP: this disk stamps a file with the time of the host that writes it"
	switch {
	case off == 0:
		return Finding{check, OK, "files of both processes are stamped by one clock, or by clocks that agree", ""}, nil
	case off.Abs() < time.Minute:
		return Finding{check, Warn, found, set}, nil
	}
	return Finding{check, Bad, found + ": a run that lives may have to be watched for a while before it is known to, and a collection may take what is not as old as it seems", set}, nil
}

// seen measures how late a new name is seen by who has looked for it before.
func (l *leader) seen() (Finding, error) {
	const check = "seen"
	var took [2]time.Duration
	for n, refresh := range []bool{true, false} {
		path := fmt.Sprintf("new-%d", n)
		if a, err := l.ask(request{Do: "look", Path: path}); err != nil || a.Yes {
			return Finding{check, Bad, "a name is seen that is not there", "choose another disk for the store"}, err
		}
		if err := write(l.disk, filepath.Join(l.dir, path), ""); err != nil {
			return Finding{}, err
		}
		a, err := l.ask(request{Do: "wait", Path: path, Refresh: refresh})
		if err != nil {
			return Finding{}, err
		}
		if !a.Yes {
			a.Took = seenWithin
		}
		took[n] = a.Took
	}
	found := fmt.Sprintf("a new file is seen after %v if its folder is looked at again, as Spurion does, else after %v",
		took[0].Round(time.Millisecond), took[1].Round(time.Millisecond))
	if took[0] > 10*time.Second {
		return Finding{check, Warn, found + ": what another host has just stored may be computed twice", "mount the disk with a shorter time of its caches (NFS: actimeo, lookupcache=positive)"}, nil
	}
	return Finding{check, OK, found, ""}, nil
}
