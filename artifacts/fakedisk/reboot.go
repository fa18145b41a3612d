package fakedisk

import (
	"maps"
	"math/rand/v2"
	"sort"
	"time"
)

// The seeds of Reboot that are not random: what was not synced is all lost, or all there.
const (
	LoseAll uint64 = iota
	KeepAll
)

// Reboot gives the disk as it may be found after a crash now: of what was not durable, each change of
// a name survives or not, and each file's content is old, new, torn or garbled, as seed decides. The
// old disk stays as it is, so that several outcomes can be tried. Five minutes pass until the machine is up again;
// read-only, crash and failure settings and all locks are gone.
func (d *Disk) Reboot(seed uint64) *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := copier{seed: seed, random: rand.New(rand.NewPCG(seed, 1)), copies: map[*node]*node{}}
	fresh := New()
	fresh.root = c.copy(d.root)
	fresh.now = d.now.Add(5 * time.Minute)
	return fresh
}

type copier struct {
	seed   uint64
	random *rand.Rand
	copies map[*node]*node // two names of one file stay two names of one file
}

// survives decides about a change that was not synced.
func (c *copier) survives() bool {
	switch c.seed {
	case LoseAll:
		return false
	case KeepAll:
		return true
	}
	return c.random.IntN(2) == 0
}

func (c *copier) copy(n *node) *node {
	if done := c.copies[n]; done != nil {
		return done
	}
	fresh := &node{folder: n.folder, special: n.special, changed: n.changed}
	c.copies[n] = fresh
	if !n.folder {
		fresh.content = c.content(n)
		fresh.durable = append([]byte(nil), fresh.content...)
		return fresh
	}
	if len(n.names)+len(n.synced) == 0 {
		return fresh
	}
	bases := map[string]bool{}
	for base := range n.names {
		bases[base] = true
	}
	for base := range n.synced {
		bases[base] = true
	}
	order := make([]string, 0, len(bases))
	for base := range bases {
		order = append(order, base)
	}
	sort.Strings(order) // so that a seed decides alike every time
	for _, base := range order {
		child := n.synced[base]
		if n.names[base] != child && c.survives() {
			child = n.names[base]
		}
		if child != nil {
			fresh.set(base, c.copy(child), n.changed)
		}
	}
	fresh.synced = maps.Clone(fresh.names)
	return fresh
}

// content decides what is left of a file.
func (c *copier) content(n *node) []byte {
	if !n.dirty {
		return append([]byte(nil), n.content...)
	}
	if c.seed == LoseAll {
		return append([]byte(nil), n.durable...)
	}
	if c.seed == KeepAll {
		return append([]byte(nil), n.content...)
	}
	data := append([]byte(nil), n.content...)
	switch c.random.IntN(5) {
	case 0:
		return append([]byte(nil), n.durable...)
	case 1:
		return data
	case 2:
		return data[:c.random.IntN(len(data)+1)]
	case 3: // the size is new, the bytes are not: zeros
		clear(data[min(len(n.durable), len(data)):])
	case 4:
		for i := range data {
			if c.random.IntN(8) == 0 {
				data[i] ^= 1 << c.random.IntN(8)
			}
		}
	}
	return data
}
