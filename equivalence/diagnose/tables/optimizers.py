"""Causes in optimizers: where papers, PyTorch, Optax and books do otherwise than Keras.

A row changes fields of a form of ``forms.optimizers``; one that names fields that a form has
not, or has so already, does not apply to it.
"""

from dataclasses import fields, replace

import numpy as np

from equivalence.diagnose.forms import optimizers as forms
from equivalence.diagnose.variant import DEFINITION, Variant


def option(only=(), unless=(), **changed):
    """Return the change of a form's fields, of these forms or of every one.

    A value may be a function of the form.
    unless: fields that must be empty.
    """

    def change(recipe):
        form = recipe.optimizer
        own = {f.name for f in fields(form)} if form is not None else set()
        if only and not isinstance(form, only):
            return
        if not set(changed) <= own or any(getattr(form, f, None) for f in unless):
            return
        values = {k: v(form) if callable(v) else v for k, v in changed.items()}
        if None in values.values() or all(getattr(form, k) == v for k, v in values.items()):
            return
        yield "", recipe.with_(optimizer=replace(form, **values))

    return change


def needs(name, change):
    """Return a change for forms alone whose field ``name`` is set."""

    def when(recipe):
        if getattr(recipe.optimizer, name, None):
            yield from change(recipe)

    return when


def scheduled(change):
    """Return a change for optimizers alone whose rate is a schedule."""

    def when(recipe):
        if hasattr(getattr(recipe.optimizer, "learning_rate", None), "rate"):
            yield from change(recipe)

    return when


def descent(recipe, momentum, kind):
    """Yield descent of another kind, for forms of descent."""
    form = recipe.optimizer
    if isinstance(form, forms.DescentForm) and form.kind != kind:
        yield (
            "",
            recipe.with_(optimizer=replace(form, kind=kind, momentum=momentum or form.momentum)),
        )


def other_number(name, value, only=()):
    return option(only, **{name: value})


ADAM, DESCENT, RMS = forms.AdamForm, forms.DescentForm, forms.RMSpropForm
HAT = "has epsilon beside the uncorrected root: rate sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + epsilon), the paper's epsilon hat"

ADAM_ROWS = (
    Variant(
        "Adam",
        "adam-epsilon-corrected",
        "adds epsilon to the corrected root, m_hat / (sqrt(v_hat) + epsilon): the paper's Algorithm 1",
        HAT,
        "Kingma and Ba 2015, Algorithm 1; PyTorch; Optax; seed 001",
        "divide by np.sqrt(v) + epsilon and take the rate times np.sqrt(1 - beta_2**t) / (1 - beta_1**t); or give Keras epsilon * np.sqrt(1 - beta_2**t), which changes with t",
        "the first steps differ most, and more the smaller the gradients are: the factor of epsilon is sqrt(1 - beta_2^t), 1/32 at t = 1",
        option(ADAM, epsilon_place="corrected"),
        DEFINITION,
    ),
    Variant(
        "Adam",
        "adam-epsilon-inside-corrected",
        "adds epsilon under the corrected root, m_hat / sqrt(v_hat + epsilon)",
        HAT,
        "code that takes RMSprop's place of epsilon; Optax with eps_root",
        "take epsilon out of the root: np.sqrt(v) + epsilon",
        "where gradients are below sqrt(epsilon) the steps are far too short",
        option(ADAM, epsilon_place="inside corrected"),
    ),
    Variant(
        "Adam",
        "adam-epsilon-inside",
        "adds epsilon under the uncorrected root, m / sqrt(v + epsilon)",
        HAT,
        "code that takes RMSprop's place of epsilon",
        "take epsilon out of the root: np.sqrt(v) + epsilon",
        "where gradients are below sqrt(epsilon / (1 - beta_2)) the steps are far too short",
        option(ADAM, epsilon_place="inside"),
    ),
    Variant(
        "Adam",
        "adam-no-epsilon",
        "has no epsilon",
        HAT,
        "a formula written down from memory",
        "add epsilon to np.sqrt(v)",
        "the steps are longer where gradients are small, and NaN where they are 0",
        option(ADAM, epsilon=0.0),
    ),
    Variant(
        "Adam",
        "adam-swapped-betas",
        "has beta_1 and beta_2 the other way round",
        "takes beta_1 for m and beta_2 for v",
        "a call with arguments in another order",
        "give the betas by name",
        "the first step is the same, those behind it are not",
        option(ADAM, beta_1=lambda f: f.beta_2, beta_2=lambda f: f.beta_1),
    ),
    Variant(
        "Adam",
        "adam-no-correction",
        "does not correct the moments' start from 0",
        "divides m by 1 - beta_1^t and v by 1 - beta_2^t",
        "Lamb and BERT's Adam; code without a step count",
        "multiply the rate with np.sqrt(1 - beta_2**t) / (1 - beta_1**t)",
        "the first step is (1 - beta_1) / sqrt(1 - beta_2) of Keras's: 3.16 times as long by default",
        option(ADAM, corrects_m=False, corrects_v=False),
    ),
    Variant(
        "Adam",
        "adam-no-correction-of-m",
        "corrects v and not m",
        "divides m by 1 - beta_1^t as well",
        "one of the two lines left out",
        "divide m by 1 - beta_1**t",
        "the first step is 1 - beta_1 of Keras's: a tenth by default",
        option(ADAM, corrects_m=False),
    ),
    Variant(
        "Adam",
        "adam-no-correction-of-v",
        "corrects m and not v",
        "divides v by 1 - beta_2^t as well",
        "one of the two lines left out",
        "divide v by 1 - beta_2**t",
        "the first step is 1 / sqrt(1 - beta_2) of Keras's: 32 times as long by default",
        option(ADAM, corrects_v=False),
    ),
    Variant(
        "Adam",
        "adam-counted-ahead",
        "corrects the first step as the second: t starts at 2",
        "counts steps from 1",
        "a count that is raised twice, or before the first step",
        "start t at 1",
        "the first step is shorter, later ones nearly the same",
        option(ADAM, first_count=2),
    ),
    Variant(
        "Adam",
        "adam-counted-from-0",
        "counts steps from 0: it corrects every step as the one before, and the first not at all",
        "counts steps from 1",
        "for t in range(n), with 1 - beta**t where t > 0",
        "start t at 1: 1 - beta**(t + 1)",
        "the first step is (1 - beta_1) / sqrt(1 - beta_2) of Keras's; without the guard it is NaN",
        option(ADAM, first_count=0),
    ),
    Variant(
        "Adam",
        "adam-count-stands",
        "corrects every step as the first: t stays 1",
        "counts the steps: t = 1, 2, 3, ...",
        "a step count that is local to the function, or not handed back",
        "keep t between the calls",
        "the first step is the same, later ones are too short or too long by the corrections",
        option((ADAM, forms.AdamaxForm), counts=False),
    ),
    Variant(
        "optimizer",
        "state-lost",
        "starts its moments anew at every call: it keeps no state between the steps",
        "keeps its slots from step to step",
        "moments that are local to the function",
        "keep the moments outside of the function, in an object or as arguments",
        "the first step is the same, every other is like a first",
        option(
            (
                ADAM,
                DESCENT,
                RMS,
                forms.AdagradForm,
                forms.AdadeltaForm,
                forms.AdamaxForm,
                forms.NadamForm,
            ),
            remembers=False,
        ),
    ),
    Variant(
        "optimizer",
        "state-lost-but-the-count",
        "starts its moments anew at every call, as if each were the first, its count too",
        "keeps its slots and counts the steps",
        "an optimizer that is made anew inside the loop",
        "make the optimizer once, before the loop",
        "every step is like a first",
        option((ADAM, forms.AdamaxForm), remembers=False, counts=False),
    ),
    Variant(
        "Adam",
        "adam-sums-m",
        "adds the whole gradient to beta_1 m",
        "adds (1 - beta_1) of it: m <- beta_1 m + (1 - beta_1) g",
        "momentum's formula in Adam",
        "m = beta_1 * m + (1 - beta_1) * g",
        "every step is 1 / (1 - beta_1) times as long: 10 by default",
        option(ADAM, averages_m=False),
    ),
    Variant(
        "Adam",
        "adam-sums-v",
        "adds the whole square to beta_2 v",
        "adds (1 - beta_2) of it: v <- beta_2 v + (1 - beta_2) g^2",
        "momentum's formula in Adam",
        "v = beta_2 * v + (1 - beta_2) * g**2",
        "every step is sqrt(1 - beta_2) of Keras's",
        option(ADAM, averages_v=False),
    ),
    Variant(
        "Adam",
        "adam-one-beta-corrects",
        "corrects v by beta_1^t",
        "corrects v by beta_2^t",
        "a line copied",
        "divide v by 1 - beta_2**t",
        "the first step is sqrt((1 - beta_1) / (1 - beta_2)) times as long: 10 by default",
        option(ADAM, one_beta=True),
    ),
    Variant(
        "Adam",
        "adam-stores-corrected",
        "keeps the corrected moments for the next step",
        "corrects copies: m and v themselves stay uncorrected",
        "m = m / (1 - beta_1**t) in place",
        "give the corrected moments names of their own: m_hat = m / (1 - beta_1**t)",
        "the first step is the same, the second is not",
        option(ADAM, stores_corrected=True),
    ),
    Variant(
        "Adam",
        "adam-no-root",
        "divides by v and not by its root",
        "divides by sqrt(v)",
        "a line forgotten",
        "divide by np.sqrt(v) + epsilon",
        "steps grow with 1 / g instead of being about the rate",
        option(ADAM, rooted=False),
    ),
    Variant(
        "Adam",
        "adam-epsilon-1e-8",
        "takes epsilon = 1e-8",
        "takes epsilon = {epsilon}",
        "the paper's, PyTorch's and Optax's default",
        "give both the same epsilon",
        "only where gradients are not much larger than epsilon",
        option(ADAM, epsilon=1e-8),
        DEFINITION,
    ),
    Variant(
        "AMSGrad",
        "amsgrad-of-corrected",
        "takes the largest of the corrected v",
        "takes the largest of the uncorrected v and corrects that",
        "code that corrects first",
        "np.maximum(u, v) before the correction",
        "the first step is the same",
        needs("amsgrad", option(ADAM, amsgrad="corrected")),
        DEFINITION,
    ),
    Variant(
        "AMSGrad",
        "amsgrad-left-out",
        "divides by v itself",
        "divides by the largest v so far",
        "plain Adam",
        "keep np.maximum(u, v)",
        "the same until a v falls",
        needs("amsgrad", option(ADAM, amsgrad="")),
    ),
    Variant(
        "Adam",
        "amsgrad-instead",
        "divides by the largest v so far: AMSGrad",
        "divides by v itself",
        "PyTorch's amsgrad=True",
        "take v, or give Keras amsgrad=True",
        "the same until a v falls",
        option(ADAM, unless=("amsgrad",), amsgrad="keras"),
    ),
)

OTHER_ROWS = (
    Variant(
        "optimizer",
        "uphill",
        "goes uphill: it adds what is to be subtracted",
        "subtracts the update",
        "a sign lost",
        "w = w - update",
        "every update is Keras's with the other sign",
        option(factor=-1.0),
    ),
    Variant(
        "momentum",
        "momentum-dampened",
        "counts the gradient 1 - momentum: v <- m v - (1 - m) a g",
        "counts it whole: v <- m v - a g",
        "moving averages of gradients, as courses have it; PyTorch's dampening",
        "leave (1 - momentum) out, or divide the rate by it",
        "the first step is 1 - momentum of Keras's",
        option(DESCENT, unless=(), dampened=lambda f: None if f.kind == "plain" else True),
        DEFINITION,
    ),
    Variant(
        "momentum",
        "momentum-rate-twice",
        "multiplies with the rate twice, in v and in the step",
        "multiplies with it once: v <- m v - a g, w <- w + v",
        "two formulas mixed",
        "take the rate in one of the two lines",
        "every step is Keras's times the rate",
        option(DESCENT, squared_rate=lambda f: None if f.kind == "plain" else True),
    ),
    Variant(
        "momentum",
        "momentum-left-out",
        "has no momentum",
        "has one: v <- m v - a g",
        "plain descent",
        "keep the velocity",
        "the first step is the same (Nesterov's is longer by 1 + m)",
        lambda recipe: descent(recipe, 0.0, "plain"),
    ),
    Variant(
        "momentum",
        "momentum-without-nesterov",
        "takes plain momentum",
        "takes Nesterov's: w <- w + m v - a g",
        "Polyak's momentum",
        "w = w + m * v - a * g with the new v",
        "the first step is 1 / (1 + m) of Keras's",
        lambda recipe: (
            descent(recipe, 0.0, "momentum")
            if getattr(recipe.optimizer, "kind", "") == "nesterov"
            else ()
        ),
    ),
    Variant(
        "SGD",
        "momentum-beside-plain",
        "has a momentum of 0.9",
        "has none by default",
        "PyTorch's and books' examples",
        "give Keras momentum=0.9, or leave it out",
        "the first step is the same",
        lambda recipe: (
            descent(recipe, 0.9, "momentum")
            if getattr(recipe.optimizer, "kind", "") == "plain"
            else ()
        ),
        DEFINITION,
    ),
    Variant(
        "momentum",
        "nesterov-look-ahead",
        "takes the gradient at w + m v and keeps w: Nesterov's momentum in the paper's variables",
        "keeps the point ahead as its weight: v <- m v - a g, w <- w + m v - a g",
        "Sutskever and others 2013; seed 000",
        "compare w + m v with Keras's weight; or w = w + m * v - a * g with the gradient at w",
        "your w + m v is Keras's weight",
        lambda recipe: (
            descent(recipe, 0.0, "look-ahead")
            if getattr(recipe.optimizer, "kind", "") == "nesterov"
            else ()
        ),
        DEFINITION,
    ),
    Variant(
        "momentum",
        "nesterov-instead",
        "takes Nesterov's momentum",
        "takes plain momentum unless nesterov=True",
        "Sutskever and others 2013",
        "w = w + v, or give Keras nesterov=True",
        "the first step is 1 + m times as long",
        lambda recipe: (
            descent(recipe, 0.0, "nesterov")
            if getattr(recipe.optimizer, "kind", "") == "momentum"
            else ()
        ),
        DEFINITION,
    ),
    Variant(
        "RMSprop",
        "rmsprop-epsilon-beside",
        "adds epsilon to the root, sqrt(h) + epsilon",
        "adds it under the root, sqrt(h + epsilon)",
        "PyTorch; TensorFlow 1's documentation; many books",
        "np.sqrt(h + epsilon)",
        "only where h is not much larger than epsilon: small gradients",
        option((RMS,), epsilon_place="beside"),
        DEFINITION,
    ),
    Variant(
        "RMSprop",
        "rmsprop-epsilon-1e-8",
        "takes epsilon = 1e-8",
        "takes epsilon = {epsilon}",
        "PyTorch's default",
        "give both the same epsilon",
        "only where squared gradients are not much larger than epsilon",
        option((RMS, forms.AdadeltaForm, forms.AdagradForm), epsilon=1e-8),
        DEFINITION,
    ),
    Variant(
        "RMSprop",
        "rmsprop-no-epsilon",
        "has no epsilon",
        "adds epsilon under the root",
        "the lecture; seed 001",
        "np.sqrt(h + epsilon)",
        "steps are longer where gradients are small, and NaN where they are 0",
        option((RMS, forms.AdagradForm, forms.AdadeltaForm), epsilon=0.0),
        DEFINITION,
    ),
    Variant(
        "RMSprop",
        "rmsprop-centered",
        "takes the mean's square off: h - q^2",
        "takes it off only with centered=True",
        "Graves 2013",
        "divide by np.sqrt(h + epsilon), or give Keras centered=True",
        "the first step is longer by 1 / sqrt(rho)",
        option((RMS,), unless=("centered",), centered=True),
        DEFINITION,
    ),
    Variant(
        "RMSprop",
        "rmsprop-not-centered",
        "does not take the mean's square off",
        "is centered: h - q^2",
        "the lecture",
        "np.sqrt(h - q**2 + epsilon)",
        "the first step is shorter by sqrt(rho)",
        needs("centered", option((RMS,), centered=False)),
    ),
    Variant(
        "RMSprop",
        "rmsprop-rho-turned",
        "takes rho for what a new square counts, h <- (1 - rho) h + rho g^2",
        "takes it for what stays: h <- rho h + (1 - rho) g^2",
        "a library whose decay is 1 - rho",
        "swap rho and 1 - rho",
        "the first step is sqrt((1 - rho) / rho) of Keras's: a third by default",
        option((RMS, forms.AdadeltaForm), rho=lambda f: 1 - f.rho),
    ),
    Variant(
        "RMSprop",
        "rmsprop-rho-0.99",
        "takes rho = 0.99",
        "takes rho = {rho}",
        "PyTorch's default alpha",
        "give both the same rho",
        "the first step is sqrt(10) times as long",
        option((RMS,), rho=0.99),
        DEFINITION,
    ),
    Variant(
        "RMSprop",
        "rmsprop-sums",
        "adds the whole square to rho h",
        "adds (1 - rho) of it",
        "Adagrad's line in RMSprop",
        "h = rho * h + (1 - rho) * g**2",
        "the first step is sqrt(1 - rho) of Keras's",
        option((RMS,), averages=False),
    ),
    Variant(
        "Adagrad",
        "adagrad-start",
        "starts its sums at 0",
        "starts them at initial_accumulator_value, {initial_accumulator_value}",
        "Duchi, Hazan and Singer 2011; PyTorch; seeds 000 and 001",
        "start h at 0.1, or give Keras initial_accumulator_value=0",
        "the first step is the rate itself, whatever the gradient",
        option((forms.AdagradForm,), initial_accumulator_value=0.0),
        DEFINITION,
    ),
    Variant(
        "Adagrad",
        "adagrad-epsilon-beside",
        "adds epsilon to the root, sqrt(h) + epsilon",
        "adds it under the root, sqrt(h + epsilon)",
        "the paper; PyTorch",
        "np.sqrt(h + epsilon)",
        "only where h is not much larger than epsilon",
        option((forms.AdagradForm, forms.AdadeltaForm), epsilon_place="beside"),
        DEFINITION,
    ),
    Variant(
        "Adagrad",
        "adagrad-no-root",
        "divides by h and not by its root",
        "divides by sqrt(h + epsilon)",
        "a line forgotten",
        "np.sqrt(h + epsilon)",
        "steps of small gradients are far too long",
        option((forms.AdagradForm,), takes_root=False),
    ),
    Variant(
        "Adagrad",
        "adagrad-forgets",
        "takes the last square alone",
        "sums all squares: h <- h + g^2",
        "h made anew at every call",
        "keep h between the calls",
        "the first step is the same",
        option((forms.AdagradForm,), sums=False),
    ),
    Variant(
        "Adadelta",
        "adadelta-rate-1",
        "has no learning rate: it is 1",
        "multiplies every step with learning_rate, {learning_rate}",
        "Zeiler 2012; seed 000",
        "give Keras learning_rate=1.0",
        "every step is 1 / learning_rate times as long: 1000 by default",
        option((forms.AdadeltaForm,), learning_rate=1.0),
        DEFINITION,
    ),
    Variant(
        "Adadelta",
        "adadelta-collects-step",
        "collects the step with the rate in it",
        "collects it without the rate",
        "the paper, where the rate is 1",
        "s = rho * s + (1 - rho) * delta**2 with delta before the rate",
        "the first step is the same",
        option((forms.AdadeltaForm,), collects_step=True),
    ),
    Variant(
        "Adamax",
        "adamax-epsilon-inside",
        "adds epsilon inside the maximum, max(beta_2 u, |g| + epsilon)",
        "adds it to u, u + epsilon",
        "PyTorch",
        "divide by u + epsilon",
        "only where gradients are not much larger than epsilon",
        option((forms.AdamaxForm,), epsilon_place="inside"),
        DEFINITION,
    ),
    Variant(
        "Adamax",
        "adamax-no-epsilon",
        "has no epsilon",
        "adds epsilon to u",
        "Kingma and Ba 2015, Algorithm 2",
        "divide by u + epsilon",
        "NaN where a gradient was always 0",
        option((forms.AdamaxForm,), epsilon=0.0),
        DEFINITION,
    ),
    Variant(
        "Adamax",
        "adamax-no-correction",
        "does not correct m",
        "divides m by 1 - beta_1^t",
        "a line left out",
        "divide m by 1 - beta_1**t",
        "the first step is 1 - beta_1 of Keras's",
        option((forms.AdamaxForm,), corrects_m=False),
    ),
    Variant(
        "Nadam",
        "nadam-slow-schedule",
        "lets mu's decay of 0.96 take 250 steps",
        "takes 0.96^t",
        "Dozat 2016; PyTorch's momentum_decay=0.004",
        "mu = beta_1 * (1 - 0.5 * 0.96**t)",
        "the first steps differ most",
        option((forms.NadamForm,), decay_steps=250.0),
        DEFINITION,
    ),
    Variant(
        "Nadam",
        "nadam-no-schedule",
        "keeps mu at beta_1",
        "lets it rise: beta_1 (1 - 0.96^t / 2)",
        "short forms of Nadam",
        "mu = beta_1 * (1 - 0.5 * 0.96**t)",
        "the first steps differ most",
        option((forms.NadamForm,), warms=False),
        DEFINITION,
    ),
    Variant(
        "Lion",
        "lion-sign-of-new",
        "takes the sign of the new momentum",
        "takes the sign of beta_1 m + (1 - beta_1) g",
        "a sign-momentum step",
        "mix with beta_1 for the step, with beta_2 for the momentum",
        "some weights move the other way",
        option((forms.LionForm,), after=True),
    ),
)

DECAY_ROWS = (
    Variant("weight decay", "decay-coupled",
        "adds weight_decay w to the gradient", "takes learning_rate weight_decay w off the weight, beside the gradient",
        "L2 regularization; PyTorch's Adam and SGD with weight_decay", "w = w - rate * weight_decay * w, and then the step with the gradient alone",
        "with SGD there is no difference; with Adam decay nearly vanishes",
        needs("weight_decay", option(decay="coupled")), DEFINITION),
    Variant("weight decay", "decay-without-rate",
        "takes weight_decay w off, without the learning rate", "takes learning_rate weight_decay w off", "Loshchilov and Hutter 2019, whose lambda has no rate in it",
        "w = w - rate * weight_decay * w", "the decay is 1 / learning_rate times Keras's",
        needs("weight_decay", option(decay="without the rate")), DEFINITION),
    Variant("weight decay", "decay-wrong-sign",
        "adds the decay: weights grow", "subtracts it", "a sign lost", "w = w - rate * weight_decay * w",
        "weights grow", needs("weight_decay", option(decay="wrong sign"))),
    Variant("weight decay", "decay-halved",
        "takes half of it off", "takes learning_rate weight_decay w off", "the derivative of (lambda / 2) w^2 by 2", "w = w - rate * weight_decay * w",
        "half the decay", needs("weight_decay", option(decay="halved"))),
    Variant("weight decay", "decay-doubled",
        "takes twice as much off", "takes learning_rate weight_decay w off", "the derivative of lambda w^2", "w = w - rate * weight_decay * w",
        "twice the decay", needs("weight_decay", option(decay="doubled"))),
    Variant("weight decay", "decay-behind",
        "lets the new weight decay, behind the step", "lets the old weight decay, before the step", "decay as a last line",
        "w = w - rate * weight_decay * w first", "differs by rate weight_decay times the update",
        needs("weight_decay", option(decay="at the new weight"))),
    Variant("weight decay", "decay-left-out",
        "has no weight decay", "has one: AdamW's is 0.004 by default", "Adam beside AdamW", "w = w - rate * weight_decay * w",
        "the difference is a multiple of the weights",
        needs("weight_decay", option(weight_decay=lambda f: 0.0))),
    Variant("schedule", "schedule-late",
        "takes the rate of the step before", "takes the rate of t = 0 for the first step", "a count that is raised behind the step", "rate(t) with t = 0, 1, 2, ...",
        "the first step is the same", scheduled(option(late=1))),
    Variant("schedule", "schedule-early",
        "takes the rate of the step behind: t starts at 1", "takes the rate of t = 0 for the first step", "a count that is raised before the step", "rate(t) with t = 0, 1, 2, ...",
        "already the first step differs", scheduled(option(late=-1))),
    Variant("schedule", "schedule-stands",
        "keeps the first rate", "asks the schedule at every step", "a rate computed once", "compute the rate in every step",
        "the first step is the same", scheduled(option(per=0))),
    Variant("schedule", "schedule-per-epoch",
        "asks the schedule once an epoch: t counts epochs", "asks it at every step: t counts batches", "PyTorch's scheduler.step() behind an epoch", "rate(t) with t = 0, 1, 2, ... at every batch; or give Keras decay_steps in steps",
        "the first step is the same, the rate falls too slowly", lambda recipe: per_epoch(recipe), DEFINITION),
    Variant("momentum", "momentum-rate-outside",
        "keeps the velocity without the rate and multiplies the step with it", "has the rate in the velocity: v <- m v - a g", "PyTorch; the same as long as the rate is constant", "v = m * v - rate * g; w = w + v",
        "the first step is the same; with a falling rate old gradients count less", scheduled(option(DESCENT, rate_outside=lambda f: None if f.kind == "plain" else True)), DEFINITION),
    Variant("clipping", "clipping-left-out",
        "does not clip", "clips the gradients", "a step without clipping", "clip before the update",
        "only where a gradient is large",
        lambda recipe: _clipped(recipe, "none")),
    Variant("clipping", "own-step-left-out",
        "takes the gradients as they are", "changes them in the model's own train_step before the optimizer takes them, as by clipping", "fit's own step, without the model's", "do with the gradients what the train_step does",
        "with clipping only where a gradient is large",
        needs("before", lambda recipe: as_they_are(recipe)), DEFINITION),
    Variant("clipping", "clipping-all-together",
        "clips all gradients by one norm", "clips each variable's by its own norm (clipnorm)", "PyTorch's clip_grad_norm_", "clip by each gradient's norm, or give Keras global_clipnorm",
        "only where there are several variables",
        lambda recipe: _clipped(recipe, "global")),
    Variant("clipping", "clipping-each",
        "clips each gradient by its own norm", "clips all by one norm (global_clipnorm)", "clip_by_norm in a loop", "divide by the norm of all gradients together",
        "only where there are several variables",
        lambda recipe: _clipped(recipe, "each")),
)  # fmt: skip


def as_they_are(recipe):
    """Yield the recipe without what an own step does to gradients."""
    yield "", recipe.with_(optimizer=replace(recipe.optimizer, before=None))


def _clipped(recipe, how):
    """Yield the recipe with another kind of clipping."""
    form = recipe.optimizer
    if form is None:
        return
    norm = form.clipnorm or form.global_clipnorm
    none = {"clipnorm": None, "global_clipnorm": None, "clipvalue": None}
    if how == "none" and (norm or form.clipvalue):
        yield "", recipe.with_(optimizer=replace(form, **none))
    if how == "global" and form.clipnorm:
        yield "", recipe.with_(optimizer=replace(form, **none | {"global_clipnorm": norm}))
    if how == "each" and form.global_clipnorm:
        yield "", recipe.with_(optimizer=replace(form, **none | {"clipnorm": norm}))


def period(recipe):
    """Return how many steps an epoch has: behind how many the data come again."""
    same = lambda k: all(
        np.array_equal(a[k], a[0], equal_nan=True) for a in (recipe.inputs, recipe.targets)
    )
    shapes = [np.shape(x) for x in recipe.inputs]
    steps = range(1, len(shapes))
    return next((k for k in steps if shapes[k] == shapes[0] and same(k)), 0)


def per_epoch(recipe):
    own = period(recipe)
    if own > 1:
        yield from scheduled(option(per=own))(recipe)


def as_a_set(only, **changed):
    """Return the change of several fields together; it does not apply where one is so already."""

    def change(recipe):
        form = recipe.optimizer
        if isinstance(form, only) and all(getattr(form, k) != v for k, v in changed.items()):
            yield "", recipe.with_(optimizer=replace(form, **changed))

    return change


# What libraries and papers do otherwise in several places at once.
SET_ROWS = (
    Variant("Adam", "adam-as-torch", "is PyTorch's, Optax's and the paper's: epsilon 1e-8, beside the corrected root", "has epsilon {epsilon} beside the uncorrected root", "torch.optim.Adam; optax.adam; Kingma and Ba 2015, Algorithm 1", "np.sqrt(v) + epsilon, with the rate times np.sqrt(1 - beta_2**t) / (1 - beta_1**t), and one epsilon",
        "small gradients' first steps differ most", as_a_set(ADAM, epsilon=1e-8, epsilon_place="corrected"), DEFINITION),
    Variant("RMSprop", "rmsprop-as-torch", "is PyTorch's: rho 0.99, epsilon 1e-8 beside the root", "has rho {rho}, and epsilon {epsilon} under the root", "torch.optim.RMSprop", "give PyTorch alpha={rho}; np.sqrt(h + epsilon)",
        "the first step is sqrt(10) times as long", as_a_set(RMS, rho=0.99, epsilon=1e-8, epsilon_place="beside"), DEFINITION),
    Variant("Adagrad", "adagrad-as-torch", "is PyTorch's: sums from 0, epsilon 1e-10 beside the root", "starts its sums at {initial_accumulator_value}, with epsilon {epsilon} under the root", "torch.optim.Adagrad", "give PyTorch initial_accumulator_value; np.sqrt(h + epsilon)",
        "the first step is the rate itself, whatever the gradient", as_a_set(forms.AdagradForm, initial_accumulator_value=0.0, epsilon=1e-10, epsilon_place="beside"), DEFINITION),
    Variant("Adadelta", "adadelta-as-torch", "is PyTorch's: rate 1, rho 0.9, epsilon 1e-6", "has rate {learning_rate}, rho {rho}, epsilon {epsilon}", "torch.optim.Adadelta", "give both the same numbers",
        "steps are 1 / learning_rate times as long", as_a_set(forms.AdadeltaForm, learning_rate=1.0, rho=0.9, epsilon=1e-6), DEFINITION),
    Variant("Adadelta", "adadelta-as-paper", "is the paper's: no rate, and epsilon 1e-6", "has rate {learning_rate} and epsilon {epsilon}", "Zeiler 2012", "give Keras learning_rate=1.0, epsilon=1e-6",
        "steps are 1 / learning_rate times as long", as_a_set(forms.AdadeltaForm, learning_rate=1.0, epsilon=1e-6), DEFINITION),
    Variant("Adamax", "adamax-as-torch", "is PyTorch's: epsilon 1e-8 inside the maximum", "has epsilon {epsilon} beside u", "torch.optim.Adamax", "divide by u + epsilon",
        "only where gradients are not much larger than epsilon", as_a_set(forms.AdamaxForm, epsilon=1e-8, epsilon_place="inside"), DEFINITION),
    Variant("Nadam", "nadam-as-torch", "is PyTorch's: mu's decay takes 250 steps, and epsilon is 1e-8", "takes 0.96^t, and epsilon {epsilon}", "torch.optim.NAdam", "mu = beta_1 * (1 - 0.5 * 0.96**t)",
        "the first steps differ most", as_a_set(forms.NadamForm, decay_steps=250.0, epsilon=1e-8), DEFINITION),
)  # fmt: skip

RATED = (ADAM, RMS, forms.AdagradForm, forms.AdamaxForm, forms.NadamForm, forms.LionForm)


def times_rate(by):
    """Return another learning rate; a function of the form as ``option`` takes it."""
    return lambda f: f.learning_rate * by if isinstance(f.learning_rate, float) else None


# Numbers that are often others.  A rate of SGD's is a factor of every update, which is said so.
NUMBER_ROWS = (
    *(
        Variant("optimizer", f"rate-times-{by:g}", f"has {by:g} times the learning rate", "has {learning_rate}", "another default: 0.001, 0.01, 0.1", "give both the same rate",
            f"every step is {by:g} times as long", option(RATED, learning_rate=times_rate(by)), DEFINITION)
        for by in (10.0, 0.1, 100.0, 0.01, 2.0, 0.5, 5.0, 0.2)
    ),
    *(
        Variant("Adam", f"adam-beta-2-{beta:g}", f"takes beta_2 = {beta:g}", "takes beta_2 = {beta_2}", "another default", "give both the same beta_2",
            "the first step is the same", option((ADAM, forms.AdamaxForm, forms.NadamForm), beta_2=beta), DEFINITION)
        for beta in (0.99, 0.999, 0.9999, 0.98, 0.95, 0.9)
    ),
    *(
        Variant("Adam", f"adam-beta-1-{beta:g}", f"takes beta_1 = {beta:g}", "takes beta_1 = {beta_1}", "another default", "give both the same beta_1",
            "the first step is the same", option((ADAM, forms.AdamaxForm, forms.NadamForm), beta_1=beta), DEFINITION)
        for beta in (0.9, 0.5, 0.95, 0.99)
    ),
    *(
        Variant("momentum", f"momentum-{m:g}", f"has a momentum of {m:g}", "has one of {momentum}", "another default", "give both the same momentum",
            "the first step is the same", option(DESCENT, momentum=lambda f, m=m: None if f.kind == "plain" else m), DEFINITION)
        for m in (0.9, 0.5, 0.95, 0.99)
    ),
    Variant("momentum", "momentum-dampened-but-the-first", "counts the gradient 1 - momentum, but in the first step whole", "counts it whole: v <- m v - a g", "PyTorch with dampening", "leave dampening out",
        "the first step is the same", option(DESCENT, dampened=lambda f: None if f.kind == "plain" else "behind the first"), DEFINITION),
)  # fmt: skip

ROWS = (*OTHER_ROWS, *ADAM_ROWS, *DECAY_ROWS, *SET_ROWS, *NUMBER_ROWS)
