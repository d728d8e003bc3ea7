"""The same step by NumPy's and TensorFlow's peers: autograd, PyTorch and JAX.

Each is written as its own users write it, for Dense layers and SGD only.  None of
them is needed; ``missing`` says which are not installed.  They run in a process without
TensorFlow: once XLA has compiled in TensorFlow 2.21, PyTorch 2.15's optimizers abort the
process (their triton brings a second LLVM, "inconsistency in registered CommandLine
options").
"""

from importlib import metadata
from importlib.util import find_spec

import numpy as np


def missing(engine):
    """Return why a peer cannot run here, or None."""
    if find_spec(engine) is None:
        return f"{engine} is not installed: pip install 'equivalence[peers]'"
    return None


def versions():
    """Return {peer: version} of those that are installed."""
    return {engine: metadata.version(engine) for engine in STEPPERS if not missing(engine)}


class PeerStepper:
    """What the peers share: layers as (kernel, bias), the activation, the loss."""

    steps = 1

    def __init__(self, program):
        network, optimizer = program.network, program.optimizer
        if type(optimizer).__name__ != "SGD":
            raise ValueError(f"the peers take SGD steps only, not {type(optimizer).__name__}")
        self.rate = optimizer.learning_rate
        self.hidden = network.hidden.name if len(program.weights) > 2 else None
        self.loss = network.output.loss.name
        if network.output.activation.name not in ("linear", "softmax"):
            raise ValueError("the peers end in a linear layer or a softmax only")
        self.inputs, self.targets = program.batch(0)

    def forward(self, weights, layer, activations):
        """Return the last layer before its activation: logits, or linear outputs."""
        for k in range(0, len(weights), 2):
            layer = layer @ weights[k] + weights[k + 1]
            if k + 2 < len(weights):
                layer = activations[self.hidden](layer)
        return layer


class AutogradStepper(PeerStepper):
    """HIPS autograd: NumPy, differentiated by tracing every call."""

    def __init__(self, program):
        import autograd
        import autograd.numpy as anp
        from autograd.scipy.special import logsumexp

        super().__init__(program)
        self.state = program.weights
        activations = {
            "linear": lambda x: x,
            "relu": lambda x: anp.maximum(x, 0),
            "sigmoid": lambda x: 1 / (1 + anp.exp(-x)),
            "tanh": anp.tanh,
        }
        losses = {
            "categorical_crossentropy": lambda z, t: anp.mean(
                logsumexp(z, axis=1) - anp.sum(z * t, axis=1)
            ),
            "mean_squared_error": lambda z, t: anp.mean((z - t) ** 2),
        }
        error = lambda weights: losses[self.loss](
            self.forward(weights, self.inputs, activations), self.targets
        )
        self.value_and_gradients = autograd.value_and_grad(error)

    def step(self):
        error, gradients = self.value_and_gradients(self.state)
        self.state = tuple(w - self.rate * g for w, g in zip(self.state, gradients))
        return error

    def weights(self):
        return self.state


class TorchStepper(PeerStepper):
    """PyTorch, eager, with its own optimizer."""

    def __init__(self, program):
        import torch

        super().__init__(program)
        functional = torch.nn.functional
        self.inputs, self.targets = torch.tensor(self.inputs), torch.tensor(self.targets)
        self.state = [torch.tensor(w, requires_grad=True) for w in program.weights]
        self.activations = {
            "linear": lambda x: x,
            "relu": torch.relu,
            "sigmoid": torch.sigmoid,
            "tanh": torch.tanh,
        }
        self.losses = {
            "categorical_crossentropy": functional.cross_entropy,
            "mean_squared_error": functional.mse_loss,
        }
        self.optimizer = torch.optim.SGD(self.state, lr=self.rate)

    def step(self):
        self.optimizer.zero_grad()
        outputs = self.forward(self.state, self.inputs, self.activations)
        error = self.losses[self.loss](outputs, self.targets)
        error.backward()
        self.optimizer.step()
        return error

    def weights(self):
        return tuple(w.detach().numpy() for w in self.state)


class JAXStepper(PeerStepper):
    """JAX: value_and_grad under one jit, the old weights given up to the new."""

    def __init__(self, program):
        import jax

        jax.config.update("jax_enable_x64", True)
        super().__init__(program)
        activations = {
            "linear": lambda x: x,
            "relu": jax.nn.relu,
            "sigmoid": jax.nn.sigmoid,
            "tanh": jax.numpy.tanh,
        }
        losses = {
            "categorical_crossentropy": lambda z, t: (
                -jax.numpy.mean(jax.numpy.sum(t * jax.nn.log_softmax(z), axis=1))
            ),
            "mean_squared_error": lambda z, t: jax.numpy.mean((z - t) ** 2),
        }

        def step(weights, inputs, targets):
            error = lambda w: losses[self.loss](self.forward(w, inputs, activations), targets)
            value, gradients = jax.value_and_grad(error)(weights)
            return value, [w - self.rate * g for w, g in zip(weights, gradients)]

        cpu = jax.devices("cpu")[0]
        self.inputs, self.targets = jax.device_put((self.inputs, self.targets), cpu)
        self.state = jax.device_put(list(program.weights), cpu)
        self._step = jax.jit(step, donate_argnums=0)
        self.wait = jax.block_until_ready

    def step(self):
        error, self.state = self._step(self.state, self.inputs, self.targets)
        self.wait(self.state)
        return error

    def weights(self):
        return tuple(np.asarray(w) for w in self.state)


STEPPERS = {"autograd": AutogradStepper, "torch": TorchStepper, "jax": JAXStepper}
