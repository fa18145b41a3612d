package pipeline

import (
	"context"
	"errors"
	"fmt"

	"spurion/artifacts"
	"spurion/pipeline/plan"
)

// ErrNoLog is the cause of the error of Logs where nothing was logged.
var ErrNoLog = artifacts.ErrNoLog

// A Log is what the program of one instance printed, when it was run last.
type Log struct {
	Address string
	// Earlier says that the log is of the last run, since when the instance's key has changed.
	Earlier bool
	*artifacts.LogReader
}

// Logs opens the logs of the instances that a target selects, in the plan's order, those that have none left out:
// the newest of each, or with failed that of its last failure. If none has, the error says why.
func (e *Experiment) Logs(ctx context.Context, target string, failed bool) ([]Log, error) {
	p, nodes, err := e.lenientNamed(ctx, target)
	if err != nil {
		return nil, err
	}
	var logs []Log
	for _, n := range nodes {
		l, err := e.log(p, n, failed)
		if err == nil {
			logs = append(logs, l)
		} else if !errors.Is(err, ErrNoLog) {
			return nil, err
		}
	}
	switch {
	case len(logs) > 0:
		return logs, nil
	case failed:
		return nil, fmt.Errorf("%w of a failure of %s: what it ran last did not fail, or nothing was run", ErrNoLog, target)
	}
	return nil, fmt.Errorf("%w of %s: programs that exec stages run have one, from when they are run until spurion cache gc takes it", ErrNoLog, target)
}

// lenientNamed is named for a reader of logs, who may lack files and variables.
func (e *Experiment) lenientNamed(ctx context.Context, target string) (*plan.Plan, []*plan.Node, error) {
	patterns, err := plan.ParsePatterns([]string{target})
	if err != nil {
		return nil, nil, err
	}
	p, err := plan.New(ctx, e.Spec, plan.Options{Targets: patterns, Cache: e.stored, External: lenient{e.files}})
	if err != nil {
		return nil, nil, err
	}
	nodes, err := p.Named(patterns)
	return p, nodes, err
}

// lenient takes files and variables that are not there for others than they were: a log is read in another terminal
// than the one that has the token.
type lenient struct{ plan.External }

func (l lenient) File(path string) (plan.Digest, error) {
	d, err := l.External.File(path)
	if err != nil {
		return plan.Digest{}, nil
	}
	return d, nil
}

func (l lenient) Variable(name string) (plan.Digest, error) {
	d, err := l.External.Variable(name)
	if err != nil {
		return plan.Digest{}, nil
	}
	return d, nil
}

// log finds the log of a node under its key, or under the one that its address had in the last run.
func (e *Experiment) log(p *plan.Plan, n *plan.Node, failed bool) (Log, error) {
	if n.Keyed {
		r, err := e.stored.Log(n.Key, failed)
		if err == nil || !errors.Is(err, ErrNoLog) {
			return Log{Address: n.Address(), LogReader: r}, err
		}
	}
	last, ok := e.stored.Previous(n.Address())
	if !ok || last.Key == (plan.Digest{}) || n.Keyed && last.Key == n.Key {
		return Log{}, ErrNoLog
	}
	r, err := e.stored.Log(last.Key, failed)
	_, unread := p.Unread(n) // whether the key has changed is not known
	return Log{Address: n.Address(), Earlier: !unread, LogReader: r}, err
}
