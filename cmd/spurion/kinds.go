package main

import (
	"spurion/stages"
	"spurion/stages/analysis/aggregate"
	"spurion/stages/analysis/claimtests"
	"spurion/stages/analysis/comparison"
	"spurion/stages/analysis/figure"
	"spurion/stages/analysis/join"
	"spurion/stages/analysis/milestones"
	"spurion/stages/analysis/simulate"
	"spurion/stages/analysis/table"
	"spurion/stages/experiment/compose"
	"spurion/stages/experiment/debias"
	"spurion/stages/experiment/gaussian"
	"spurion/stages/experiment/generate"
	"spurion/stages/experiment/head"
	"spurion/stages/experiment/importing"
	"spurion/stages/experiment/probe"
	"spurion/stages/experiment/responses"
	"spurion/stages/experiment/retrain"
	"spurion/stages/experiment/score"
	"spurion/stages/experiment/theory"
	"spurion/stages/experiment/train"
	"spurion/stages/external"
)

// registry is the list of kinds that the program knows: the only place where they are named.
func registry() *stages.Registry {
	return &stages.Registry{
		Kinds: []*stages.Kind{
			generate.Kind, gaussian.Kind, importing.Kind, compose.Kind, compose.Colour, train.Kind, probe.Kind, responses.Kind, retrain.Kind, debias.Kind, head.Kind, score.Kind, theory.Kind, table.Kind, aggregate.Kind, join.Kind, milestones.Kind,
			external.Kind, figure.Kind, comparison.Kind, simulate.Kind,
		},
		Tests:       claimtests.Tests(),
		Calibrate:   claimtests.Calibrate,
		FormerTests: claimtests.Former,
	}
}
