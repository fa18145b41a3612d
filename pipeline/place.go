package pipeline

import "spurion/artifacts"

// A Place says where a project and what belongs to it lie.
type Place struct {
	Project, Store, Out string
	Lock                artifacts.LockKind // that the store's settings name
}

// PlaceOf finds the place of a config, and makes its store if there is none.
func PlaceOf(c Config) (Place, error) {
	c = c.located()
	store, err := openStore(c, ReadWrite)
	if err != nil {
		return Place{}, err
	}
	p := Place{Project: c.Root, Store: c.storeDir(), Out: c.outDir(), Lock: store.Settings().Lock}
	if p.Project == "" {
		p.Project = "."
	}
	return p, store.Close()
}
