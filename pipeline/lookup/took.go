package lookup

import (
	"errors"

	"spurion/artifacts"
	"spurion/pipeline/plan"
)

// Took is what computing an instance's result took.
type Took struct {
	Key     plan.Digest // of the result; zero if none is known
	Seconds float64
	Known   bool // Seconds is
	// CPU is the processors' time in seconds, and Memory the most that it had at once in bytes; zero where it is not known.
	CPU    float64
	Memory int64
}

// Took tells it for instances by the records of the spec's runs, without a look at what is stored: the result is that of
// the newest run in which the instance ended with one. If that run found it in the store, an earlier one says what it took,
// or else its manifest. For an instance that no run ended with a result the key is zero.
func (s *Store) Took(addresses []string) ([]Took, error) {
	took := make([]Took, len(addresses))
	if s.store == nil {
		return took, nil
	}
	at := make(map[string]int, len(addresses))
	for i, a := range addresses {
		at[a] = i
	}
	computed := map[plan.Digest]Took{}
	wanted := map[plan.Digest]bool{} // keys of results that are not in it
	left := len(at)
	err := s.store.EachEntries(s.spec, func(entries []artifacts.Entry) bool {
		for i := range entries {
			e := &entries[i]
			key := plan.Digest(e.Key)
			if e.Status != computedStatus && e.Status != cachedStatus {
				continue
			}
			if !computed[key].Known && e.Status == computedStatus {
				computed[key] = Took{Key: key, Seconds: e.Seconds, Known: true, CPU: e.CPU, Memory: e.Memory}
				delete(wanted, key)
			}
			if k, ok := at[e.Address]; ok && took[k].Key == (plan.Digest{}) {
				took[k].Key = key
				left--
				if !computed[key].Known {
					wanted[key] = true
				}
			}
		}
		return left > 0 || len(wanted) > 0
	})
	if err != nil {
		return nil, err
	}
	for i := range took {
		t := &took[i]
		if t.Key == (plan.Digest{}) {
			continue
		}
		known, ok := computed[t.Key]
		if !ok {
			if known, err = s.TookResult(t.Key); err != nil {
				return nil, err
			}
		}
		*t = known
	}
	return took, nil
}

// How instances end that have a result, in the words of the engine.
const cachedStatus, computedStatus = "cached", "computed"

// TookResult tells it for the result with a key; it is not known if the store no longer has that.
func (s *Store) TookResult(key plan.Digest) (Took, error) {
	m, err := s.Manifest(key)
	if errors.Is(err, artifacts.ErrMiss) {
		return Took{Key: key}, nil
	}
	if err != nil {
		return Took{}, err
	}
	return Took{Key: key, Seconds: m.Seconds, Known: true}, nil
}
