package plan

// A View is a plan as people and programs read it: `plan --json` prints it, and the text form is
// rendered from it.
type View struct {
	FormatVersion int            `json:"format_version"`
	Spec          string         `json:"spec"`
	Counts        Counts         `json:"counts"`
	Stages        []StageView    `json:"stages"`
	Instances     []InstanceView `json:"instances"`
}

// A StageView counts the states of a stage's selected instances.
type StageView struct {
	Address string `json:"address"`
	Counts
}

// An InstanceView is the state of one selected instance.
type InstanceView struct {
	Address string  `json:"address"`
	Stage   string  `json:"stage"`
	Status  string  `json:"status"`
	Key     string  `json:"key,omitempty"` // unless it waits
	Reason  *Reason `json:"reason,omitempty"`
	// Resources are what it needs of a machine, if anything is said.
	Resources *ResourcesView `json:"resources,omitempty"`
}

// View gives the selected instances in order.
func (p *Plan) View() View {
	v := View{FormatVersion: 1, Spec: p.Spec.Name, Counts: p.Counts(), Stages: []StageView{}, Instances: []InstanceView{}}
	for _, st := range p.Order {
		sv := StageView{Address: st.ID()}
		for i := range st.Instances {
			n := p.Node(st, i)
			if !n.Selected {
				continue
			}
			switch n.Status {
			case Cached:
				sv.Cached++
			case MustRun:
				sv.Run++
			case Blocked:
				sv.Blocked++
			}
			v.Instances = append(v.Instances, n.view())
		}
		if sv.Cached+sv.Run+sv.Blocked > 0 {
			v.Stages = append(v.Stages, sv)
		}
	}
	return v
}

func (n *Node) view() InstanceView {
	v := InstanceView{Address: n.Address(), Stage: n.Stage.ID(), Status: n.Status.String(), Resources: n.ResourcesOf()}
	if n.Keyed && n.Status != Blocked {
		v.Key = n.Key.String()
	}
	if n.Status != Cached {
		v.Reason = &n.Reason
	}
	return v
}
