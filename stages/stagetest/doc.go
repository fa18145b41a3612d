// Package stagetest runs kinds of stages in tests, without a pipeline, and checks what every kind
// promises:
//
//	tables := stagetest.Run(t, train.Kind, `{"steps": 100}`, stagetest.Inputs{"data": stagetest.Tables(set)})
//
//	func TestKind(t *testing.T) {
//		cases := []stagetest.Case{{Name: "small", Settings: `{...}`, Inputs: ...}}
//		stagetest.Conform(t, train.Kind, cases...)
//		stagetest.Golden(t, train.Kind, cases[0], map[string]string{"history": "8d1f..."})
//	}
package stagetest
