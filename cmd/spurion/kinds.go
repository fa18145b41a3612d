package main

import (
	"spurion/stages"
	"spurion/stages/aggregate"
	"spurion/stages/claims"
	"spurion/stages/comparison"
	"spurion/stages/debias"
	"spurion/stages/external"
	"spurion/stages/figure"
	"spurion/stages/generate"
	"spurion/stages/head"
	"spurion/stages/join"
	"spurion/stages/probe"
	"spurion/stages/retrain"
	"spurion/stages/score"
	"spurion/stages/table"
	"spurion/stages/theory"
	"spurion/stages/train"
)

// registry is the list of kinds that the program knows: the only place where they are named.
func registry() *stages.Registry {
	return &stages.Registry{
		Kinds: []*stages.Kind{
			generate.Kind, train.Kind, probe.Kind, retrain.Kind, debias.Kind, head.Kind, score.Kind, theory.Kind, table.Kind, aggregate.Kind, join.Kind,
			external.Kind, figure.Kind, comparison.Kind,
		},
		Tests: claims.Tests(),
	}
}
