package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"spurion/artifacts/doctor"
	"spurion/pipeline"
)

// A doctorView is what `doctor` prints.
type doctorView struct {
	Store    string           `json:"store"`
	Lock     string           `json:"lock"` // that the store's settings name
	Bad      int              `json:"bad"`  // findings
	Findings []doctor.Finding `json:"findings"`
}

func (a *app) doctorCommand() *cobra.Command {
	var peer string
	var answer bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Try out the store's disk and say what to set",
		Long: `Tries what Spurion needs of the disk that the store is on, and of the folders around it: one line a check, with what was
found and what to do. It makes the store if there is none, and writes nothing that stays.

What takes two processes is tried with a second one on this host. To try what two hosts see of each other, run spurion doctor
--peer on both at the same time, with the same store: the first one waits for the other up to five minutes.`,
		Example: `  spurion doctor
  spurion doctor --store /shared/lab/.spurion --peer      # on two hosts at the same time`,
		Annotations: exits("0 nothing is bad", "1 something is, or it could not be tried", "2 bad usage", "130 interrupted"),
		Args:        needArgs(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("peer") && peer == "" {
				return usagef("--peer= needs a name, or leave the = away")
			}
			return a.doctor(peer, answer)
		},
	}
	f := cmd.Flags()
	f.StringVar(&peer, "peer", "", "try the disk together with the host that runs this with the same `name`")
	f.Lookup("peer").NoOptDefVal = "any"
	f.BoolVar(&answer, "answer", false, "only try what takes two processes")
	_ = f.MarkHidden("answer")
	jsonFlag(cmd)
	return cmd
}

func (a *app) doctor(peer string, answer bool) error {
	ctx, stop := a.onSignal("interrupted: stopping")
	defer stop()
	place, err := pipeline.PlaceOf(a.config(""))
	if err != nil {
		return err
	}
	o := doctor.Options{Dir: place.Store, Lock: place.Lock}
	v := doctorView{Store: place.Store, Lock: string(place.Lock)}
	if !answer {
		v.Findings = append(a.surroundings(place), doctor.Examine(ctx, o)...)
	}
	met, err := a.meet(ctx, o, peer)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	v.Findings = append(v.Findings, met...)
	if err != nil {
		v.Findings = append(v.Findings, doctor.Finding{Check: "two processes", Status: doctor.Bad, Found: err.Error(), Remedy: notMet(err)})
	}
	for _, f := range v.Findings {
		if f.Status == doctor.Bad {
			v.Bad++
		}
	}
	if v.Bad > 0 {
		a.code = exitFailed
	}
	if a.json {
		return a.printJSON(v)
	}
	a.out.WriteString(v.text(a.outText))
	return nil
}

func notMet(err error) string {
	if errors.Is(err, doctor.ErrAlone) {
		return "run spurion doctor --peer on the other host at the same time, with the same store and name"
	}
	return "look at the disk, and try again"
}

// surroundings looks at the program and the project.
func (a *app) surroundings(place pipeline.Place) []doctor.Finding {
	program, _, _ := strings.Cut(a.build().text(), "\n")
	if path, err := os.Executable(); err == nil {
		program += ", " + path
	}
	project, err := filepath.Abs(place.Project)
	if err != nil {
		project = place.Project
	}
	return []doctor.Finding{
		{Check: "program", Status: doctor.OK, Found: program + ": hosts that share a store need the same"},
		{Check: "project", Status: doctor.OK, Found: project + ", with the store " + place.Store},
		doctor.Folder(place.Out, "out"),
	}
}

// meet tries what takes two processes, with another host if a name is given, else with a second process.
func (a *app) meet(ctx context.Context, o doctor.Options, peer string) ([]doctor.Finding, error) {
	if peer != "" {
		fmt.Fprintf(a.err, "%s waiting for spurion doctor --peer on another host\n", a.errText.yellow("note:"))
		return doctor.Meet(ctx, o, peer)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	store, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	name := "this host " + rand.Text()
	second := exec.CommandContext(ctx, self, "doctor", "--answer", "--json", "--store", store, "--peer="+name)
	second.Args[0] = os.Args[0]
	var found, told bytes.Buffer
	second.Stdout, second.Stderr = &found, &told
	if err := second.Start(); err != nil {
		return nil, fmt.Errorf("starting a second process: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = second.Wait() // what it found bad is told here, too
		if found.Len() == 0 {
			cancel() // it was not able to come
		}
		close(ended)
	}()
	findings, err := doctor.Meet(ctx, o, name)
	if err != nil {
		cancel()
	}
	<-ended
	if err != nil && told.Len() > 0 {
		err = fmt.Errorf("%w; the second process: %s", err, strings.TrimSpace(told.String()))
	}
	return findings, err
}

func (v doctorView) text(s style) string {
	var b strings.Builder
	width := 0
	for _, f := range v.Findings {
		width = max(width, len(f.Check))
	}
	for _, f := range v.Findings {
		status := fmt.Sprintf("%-4s", f.Status)
		switch f.Status {
		case doctor.OK:
			status = s.green(status)
		case doctor.Warn:
			status = s.yellow(status)
		case doctor.Bad:
			status = s.red(status)
		}
		fmt.Fprintf(&b, "%s  %-*s  %s\n", status, width, f.Check, plainError(f.Found))
		if f.Remedy != "" {
			fmt.Fprintf(&b, "%*s  %s\n", width+6, "", s.bold(f.Remedy))
		}
	}
	switch v.Bad {
	case 0:
		fmt.Fprintf(&b, "\nnothing is bad with %s\n", v.Store)
	case 1:
		fmt.Fprintf(&b, "\n1 thing is bad with %s\n", v.Store)
	default:
		fmt.Fprintf(&b, "\n%d things are bad with %s\n", v.Bad, v.Store)
	}
	return b.String()
}
