package main

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"spurion/pipeline"
	"spurion/pipeline/budget"
	"spurion/pipeline/plan"
	"spurion/pipeline/screen"
)

// listed is how many instances of a stage a plan lists unless asked for all.
const listed = 5

func (a *app) planCommand() *cobra.Command {
	var all, detailed bool
	var force, resources []string
	var spend budgetFlags
	cmd := &cobra.Command{
		Use:   "plan SPEC [TARGET...]",
		Short: "Say what a run would do, and why",
		Long: `Says which instances are cached, which would run and why, and which wait for results that are not there
yet. Nothing is written but the digests of large files, so that they are hashed once.

A TARGET selects instances and all that they need: KIND.NAME, or KIND.NAME[AXIS=VALUE,...] with axes left out
or values globbed. Whether an instance that waits will run is decided when its inputs are there: if they come
out the same as before, it is cached.

With --budget it says which of them a run with that budget would do, and how long all would take.`,
		Example: `  spurion plan specs/quick.hcl
  spurion plan specs/quick.hcl 'train.erm[strength=0.9]' --all
  spurion plan --detailed-exitcode specs/quick.hcl && echo up to date`,
		Annotations: exits("0 done; with --detailed-exitcode: nothing to do", "1 an error; with --detailed-exitcode: any error",
			"2 the spec or the command line has mistakes; with --detailed-exitcode: there is work to do"),
		Args: needArgs(1, -1, "SPEC"),
		RunE: func(cmd *cobra.Command, args []string) error {
			sel := pipeline.Selection{Targets: args[1:], Force: forced(force, args[1:]), Resources: resources}
			err := a.plan(cmd.Context(), args[0], sel, spend, all, detailed)
			if err != nil && detailed && exitCode(err) == exitUsage {
				a.report(err)
				return errReported
			}
			return err
		},
		ValidArgsFunction: a.completeTargets,
	}
	cmd.Flags().BoolVar(&all, "all", false, "list every instance, cached ones too")
	cmd.Flags().BoolVar(&detailed, "detailed-exitcode", false, "exit with 0 if there is nothing to do, 2 if there is, 1 on errors")
	forceFlag(cmd, &force)
	resourcesFlag(cmd, &resources)
	spend.add(cmd)
	cmd.Flags().IntVar(&spend.workers, "workers", 0, "with --budget: the `number` of instances that are computed at a time (default: one for each processor)")
	jsonFlag(cmd)
	return cmd
}

// A planReport is what plan --json prints.
type planReport struct {
	plan.View
	Budget *budget.Choice `json:"budget,omitempty"`
}

func (a *app) plan(ctx context.Context, path string, sel pipeline.Selection, spend budgetFlags, all, detailed bool) error {
	if err := spend.check(); err != nil {
		return err
	}
	e, err := a.open(path, pipeline.ReadOnly)
	if err != nil {
		return err
	}
	defer e.Close()
	p, err := e.Plan(ctx, sel)
	if err != nil {
		return err
	}
	choice, err := spend.afford(e, p)
	if err != nil {
		return err
	}
	each := listed
	if all || a.json {
		each = math.MaxInt
	}
	e.Foresee(p, each)
	v := p.View()
	if detailed && v.Counts.Run+v.Counts.Blocked > 0 {
		a.code = exitUsage
	}
	if a.json {
		return a.printJSON(planReport{v, choice})
	}
	writePlan(a.out, v, a.outText, all)
	if choice != nil {
		a.out.WriteString(budgetText(choice, spend.workers, a.outText))
	}
	return nil
}

// forceFlag adds --force[=PATTERN].
func forceFlag(cmd *cobra.Command, to *[]string) {
	f := cmd.Flags()
	f.StringArrayVar(to, "force", nil, "compute again what is cached: the targets, or what `pattern` selects; may be repeated")
	f.Lookup("force").NoOptDefVal = forceTargets
}

// resourcesFlag adds --resources PATTERN:NAME=VALUE,...
func resourcesFlag(cmd *cobra.Command, to *[]string) {
	cmd.Flags().StringArrayVar(to, "resources", nil,
		"what instances need of a machine instead of what their stages say, as `PATTERN:NAME=VALUE,...`: 'train.*:memory=16GB,time=4h'; may be repeated, the last one counts")
}

// forceTargets is the value of a bare --force.
const forceTargets = "(targets)"

// forced gives the patterns to force: a bare --force means the targets, or everything.
func forced(flags, targets []string) []string {
	var patterns []string
	for _, f := range flags {
		switch {
		case f != forceTargets:
			patterns = append(patterns, f)
		case len(targets) == 0:
			patterns = append(patterns, "*.*")
		default:
			patterns = append(patterns, targets...)
		}
	}
	return patterns
}

// writePlan renders a plan for people.
func writePlan(w *bufio.Writer, v plan.View, s style, all bool) {
	needs := stageNeeds(v.Instances)
	g := newGrid("stage", ">cached", ">run", ">wait")
	if len(needs) > 0 {
		g.column("each needs")
	}
	for _, st := range v.Stages {
		g.add(st.Address, number(st.Cached), number(st.Run), number(st.Blocked), needs[st.Address])
	}
	fmt.Fprint(w, g.render(s, ""))
	list := planList{w: w, style: s, all: all}
	for _, in := range v.Instances {
		list.add(in)
	}
	list.flush()
	fmt.Fprintf(w, "\n%s\n", s.bold(planLine(v.Counts)))
}

// stageNeeds says what the instances of stages need of a machine, where that is said.
func stageNeeds(instances []plan.InstanceView) map[string]string {
	most, varies := map[string]*plan.ResourcesView{}, map[string]bool{}
	for i := range instances {
		in := &instances[i]
		if in.Resources == nil {
			continue
		}
		before := most[in.Stage]
		most[in.Stage] = before.Max(*in.Resources)
		varies[in.Stage] = varies[in.Stage] || before != nil && *before != *in.Resources
	}
	texts := map[string]string{}
	for stage, v := range most {
		texts[stage] = v.Text()
		if varies[stage] {
			texts[stage] = "up to " + v.Text()
		}
	}
	return texts
}

// number writes a count for a table: a dash for none, so that what is there stands out.
func number(n int) string {
	if n == 0 {
		return "-"
	}
	return digits(int64(n))
}

func planLine(c plan.Counts) string {
	if c.Run+c.Blocked == 0 {
		return fmt.Sprintf("Plan: %s cached, nothing to run.", digits(int64(c.Cached)))
	}
	line := fmt.Sprintf("Plan: %s cached, %s to run", digits(int64(c.Cached)), digits(int64(c.Run)))
	switch c.Blocked {
	case 0:
		return line + "."
	case 1:
		return line + ", 1 waits."
	}
	return line + fmt.Sprintf(", %s wait.", digits(int64(c.Blocked)))
}

// A planList lists instances, the first few of each stage unless all are wanted.
type planList struct {
	w       *bufio.Writer
	style   style
	all     bool
	stage   string
	lines   []plan.InstanceView // of the stage
	omitted int
}

func (l *planList) add(in plan.InstanceView) {
	if in.Status == "cached" && !l.all {
		return
	}
	if in.Stage != l.stage {
		l.flush()
		l.stage = in.Stage
	}
	if !l.all && len(l.lines) == listed {
		l.omitted++
		return
	}
	l.lines = append(l.lines, in)
}

// flush writes the lines of a stage. A reason stands beside its address if it fits, else below.
func (l *planList) flush() {
	if len(l.lines) == 0 {
		return
	}
	widest := 0
	for _, in := range l.lines {
		widest = max(widest, utf8.RuneCountInString(in.Address))
	}
	l.w.WriteByte('\n')
	for _, in := range l.lines {
		status, reason := in.Status, ""
		if status == "blocked" {
			status = "wait"
		}
		if in.Reason != nil {
			reason = screen.Line(in.Reason.Text)
		}
		fmt.Fprintf(l.w, "  %s  %s", l.style.status(status)+strings.Repeat(" ", max(6-len(status), 0)), in.Address)
		switch {
		case reason == "":
			l.w.WriteByte('\n')
		case 10+widest+2+utf8.RuneCountInString(reason) <= l.style.width:
			pad := widest - utf8.RuneCountInString(in.Address)
			fmt.Fprintf(l.w, "%*s  %s\n", pad, "", l.style.faint(reason))
		default:
			fmt.Fprint(l.w, "\n"+paragraph(reason, l.style.width, "            "))
		}
	}
	if l.omitted > 0 {
		fmt.Fprintf(l.w, "          and %s more of %s (--all lists them)\n", digits(int64(l.omitted)), l.stage)
	}
	l.lines, l.omitted = l.lines[:0], 0
}
