package train

import (
	"errors"
	"fmt"

	"spurion/stages"
	"spurion/stages/common/model"
)

// begin gives the new network the weights of the input start, if there is one, and says how the stream
// of the data's order is called: training on from a network must not see again what formed it.
func (t *training) begin(r *stages.Run) (order string, err error) {
	m, err := model.Read(r, "start")
	if err != nil {
		return "", err
	}
	at := t.settings.StartStep
	if m == nil {
		if at != nil {
			return "", errors.New("start_step is given without the input start")
		}
		return "", nil
	}
	c, err := m.At(at)
	if err != nil {
		return "", err
	}
	if err := c.Fits(t.net); err != nil {
		return "", err
	}
	t.net.CopyFrom(c.Net)
	return fmt.Sprintf("start/%d", c.Step), nil
}
