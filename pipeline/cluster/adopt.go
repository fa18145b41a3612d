package cluster

// follow takes up what other drivers have sent, and asks whether to lead now. A driver that begins to lead has seen all that
// its predecessor sent.
func (d *Driver) follow() error {
	d.leads = d.o.Lead == nil || d.o.Lead()
	names, err := d.o.Disk.Arrays()
	if err != nil {
		return err
	}
	for _, name := range names {
		if d.known[name] {
			continue
		}
		d.known[name] = true
		if a := d.adopt(name); a != nil {
			d.arrays = append(d.arrays, a)
		}
	}
	return nil
}

// adopt takes up an array that another driver sent; nil if it has nothing that is wanted.
func (d *Driver) adopt(name string) *array {
	a := &array{name: name, foreign: true, doubt: true}
	wanted := false
	for task := 0; ; task++ {
		data, err := d.o.Disk.ReadBatch(name, task)
		if err != nil {
			break
		}
		b := &batch{ids: d.work.Decode(data), journals: map[string]*reading{}, phase: Pending}
		for _, id := range b.ids {
			if id >= 0 && (d.state[id] == open || d.state[id] == given) {
				d.set(int(id), given)
				d.owner[id] = b
				wanted = true
			}
		}
		a.batches = append(a.batches, b)
	}
	a.left = len(a.batches)
	if !wanted {
		return nil
	}
	return a
}
