"""Networks: ``forward`` and ``propagate`` (forward, error, backward).

``weight_names`` and ``activation_names`` say what the tuples hold, in order.
A network knows no sizes: they come with the weights.
"""

from refimpl.networks.acting_dqn import ActingDQN
from refimpl.networks.alone import Alone
from refimpl.networks.bellman import Bellman
from refimpl.networks.dqn import DQN
from refimpl.networks.functional import Functional
from refimpl.networks.gan import GAN
from refimpl.networks.gan_of_models import GANOfModels
from refimpl.networks.given_gradients import GivenGradients
from refimpl.networks.grid_world import GridWorld
from refimpl.networks.hebb import Hebb
from refimpl.networks.instar import Instar
from refimpl.networks.k_means import KMeans
from refimpl.networks.look_up import LookUp
from refimpl.networks.matrix_factorization import MatrixFactorization
from refimpl.networks.multilayer import Multilayer
from refimpl.networks.nearest_neighbours import NearestNeighbours
from refimpl.networks.one_layer import OneLayer
from refimpl.networks.output import Output, SigmoidOutput, SoftmaxOutput
from refimpl.networks.parts import Parts
from refimpl.networks.perceptron import Perceptron
from refimpl.networks.players import Players
from refimpl.networks.point import Point
from refimpl.networks.q_learning import QLearning
from refimpl.networks.quadratic import Quadratic
from refimpl.networks.radial_basis import RadialBasis
from refimpl.networks.rating_look_up import RatingLookUp
from refimpl.networks.rbm import RBM
from refimpl.networks.rbm_likelihood import RBMLikelihood
from refimpl.networks.recommender import Recommender
from refimpl.networks.sarsa import Sarsa
from refimpl.networks.self_organizing_map import SelfOrganizingMap
from refimpl.networks.sequential import Sequential
from refimpl.networks.total_least_squares import TotalLeastSquares
from refimpl.networks.two_layer import TwoLayer
from refimpl.networks.vae import VAE

__all__ = [
    "DQN",
    "GAN",
    "RBM",
    "VAE",
    "ActingDQN",
    "Alone",
    "Bellman",
    "Functional",
    "GANOfModels",
    "GivenGradients",
    "GridWorld",
    "Hebb",
    "Instar",
    "KMeans",
    "LookUp",
    "MatrixFactorization",
    "Multilayer",
    "NearestNeighbours",
    "OneLayer",
    "Output",
    "Parts",
    "Perceptron",
    "Players",
    "Point",
    "QLearning",
    "Quadratic",
    "RBMLikelihood",
    "RadialBasis",
    "RatingLookUp",
    "Recommender",
    "Sarsa",
    "SelfOrganizingMap",
    "Sequential",
    "SigmoidOutput",
    "SoftmaxOutput",
    "TotalLeastSquares",
    "TwoLayer",
]
