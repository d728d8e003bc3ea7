"""Keras's optimizers and schedules with their options, as a table of what may be drawn."""

# Options that Keras refuses together are drawn again.
MOST_TRIES = 50


def _rate(d):
    s, rate = d.keras.optimizers.schedules, d.real(1e-4, 1)
    steps = d.whole(1, 5)
    return d.one_of(
        *(lambda: rate,) * 8,
        lambda: s.ExponentialDecay(rate, steps, d.real(0.1, 0.99), d.chance(0.5)),
        lambda: s.InverseTimeDecay(rate, steps, d.real(0.1, 0.99), d.chance(0.5)),
        lambda: s.PolynomialDecay(rate, steps, rate / 3, d.real(0.5, 3), d.chance(0.5)),
        lambda: s.PiecewiseConstantDecay([1, 3], [rate, rate / 3, rate / 7]),
        lambda: s.CosineDecay(rate, steps, 0.1, warmup_target=2 * rate, warmup_steps=2),
        lambda: s.CosineDecayRestarts(rate, steps, d.real(1, 3), d.real(0.5, 1), 0.1),
    )()


def _common(d):
    """Return options that every optimizer of Keras has."""
    found = {}
    clip = d.one_of(*(None,) * 6, "clipnorm", "clipvalue", "global_clipnorm")
    if clip:
        found[clip] = d.real(0.01, 10)
    if d.chance(0.15):
        found["weight_decay"] = d.real(1e-4, 0.1)
    if d.chance(0.1):
        every = d.one_of(None, 1, 2)
        found |= {
            "use_ema": True,
            "ema_momentum": d.real(0.5, 0.99),
            "ema_overwrite_frequency": every,
        }
    if d.chance(0.1):
        found["gradient_accumulation_steps"] = 2
    return found


def _beta(d):
    return d.real(0.5, 0.999)


OPTIMIZERS = (
    lambda o, d, r, m: o.SGD(r, d.one_of(0.0, d.real(0.1, 0.99)), d.chance(0.5), **m),
    lambda o, d, r, m: o.RMSprop(
        r, _beta(d), d.one_of(0.0, 0.9), d.real(1e-8, 1e-3), d.chance(0.5), **m
    ),
    lambda o, d, r, m: o.Adam(r, _beta(d), _beta(d), d.real(1e-8, 1e-3), d.chance(0.4), **m),
    lambda o, d, r, m: o.AdamW(r, beta_1=_beta(d), amsgrad=d.chance(0.4), **m),
    lambda o, d, r, m: o.Adadelta(r, _beta(d), d.real(1e-8, 1e-3), **m),
    lambda o, d, r, m: o.Adagrad(r, d.real(1e-3, 1), d.real(1e-8, 1e-3), **m),
    lambda o, d, r, m: o.Adamax(r, _beta(d), _beta(d), **m),
    lambda o, d, r, m: o.Nadam(r, _beta(d), _beta(d), **m),
    lambda o, d, r, m: o.Ftrl(r, -d.real(0.1, 1), l1_regularization_strength=d.real(1e-3, 1), **m),
    lambda o, d, r, m: o.Lion(r, _beta(d), _beta(d), **m),
    lambda o, d, r, m: o.Lamb(r, _beta(d), _beta(d), **m),
    lambda o, d, r, m: o.Adafactor(r, relative_step=d.chance(0.5), **m),
    lambda o, d, r, m: o.Muon(r, **m),
    lambda o, d, r, m: o.ScheduleFreeAdamW(r, warmup_steps=d.whole(0, 3), **m),
    lambda o, d, r, m: o.LossScaleOptimizer(
        o.SGD(r, d.one_of(0.0, 0.9)), float(2 ** d.whole(0, 12)), d.whole(1, 3)
    ),
)


def draw_optimizer(d):
    """Return an optimizer; Keras refuses some options together, which are drawn again."""
    for _ in range(MOST_TRIES):
        try:
            return d.one_of(*OPTIMIZERS)(d.keras.optimizers, d, _rate(d), _common(d))
        except (TypeError, ValueError):
            continue
    raise RuntimeError("no optimizer out of so many tries")
