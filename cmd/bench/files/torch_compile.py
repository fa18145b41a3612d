"""torch.compile as a peer of `bench train`: the loss alone beside the fused optimizer, or the whole step as one graph
that changes the parameters in place. It needs a C++ compiler and Python's headers."""

import torch
import torch.nn.functional as F

import peer
import torch_eager

torch._dynamo.config.recompile_limit = 64  # each job and shape has code of its own


class Training(torch_eager.Training):
    def __init__(self, job, variant):
        super().__init__(job, "fused")
        self.loss = torch.compile(self.loss, dynamic=False)
        self.whole = variant == "step"
        if self.whole:
            p = {name: value.detach() for name, value in self.net.named_parameters()}
            m, v = ({name: torch.zeros_like(value) for name, value in p.items()} for _ in range(2))
            self.step = torch.compile(whole_step(job, self.net, p, m, v), dynamic=False)
            self.taken = torch.zeros(())

    @staticmethod
    def variants(job):
        return ["loss", "step"]

    def run(self, steps):
        if not self.whole:
            return super().run(steps)
        with torch.no_grad():
            for _, (x, y) in zip(range(steps), self.batches):
                loss = self.step(self.taken, x, y)
        return steps, [loss.item()]


def whole_step(job, net, p, m, v):
    """A step of SGD or Adam on the parameters p, with Adam's moments m and v."""
    rate, adam = job["rate"], job["optimizer"] == "adam"

    def loss(p, x, y):
        return F.cross_entropy(torch.func.functional_call(net, p, (x,)), y)

    def step(taken, x, y):
        gradients, value = torch.func.grad_and_value(loss)(p, x, y)
        taken.add_(1)
        first, second = rate / (1 - 0.9**taken), 1 / (1 - 0.999**taken)
        for name, g in gradients.items():
            if adam:
                m[name].lerp_(g, 0.1)
                v[name].mul_(0.999).addcmul_(g, g, value=0.001)
                p[name].sub_(first * m[name] / ((v[name] * second).sqrt() + 1e-8))
            else:
                p[name].sub_(rate * g)
        return value

    return step


if __name__ == "__main__":
    peer.serve(Training, torch_eager.draw, torch_eager.about)
