"""Networks in TensorFlow; see ``refimpl.networks``.

``model(weights, dtype)`` gives the Keras model of the same network for weights
of these shapes.  Keras keeps a bias as (units,), the book as (1, units).
"""

from tfimpl.networks.acting_dqn import ActingDQN
from tfimpl.networks.alone import Alone
from tfimpl.networks.bellman import Bellman
from tfimpl.networks.dqn import DQN
from tfimpl.networks.functional import Functional
from tfimpl.networks.gan import GAN
from tfimpl.networks.gan_of_models import GANOfModels
from tfimpl.networks.given_gradients import GivenGradients
from tfimpl.networks.grid_world import GridWorld
from tfimpl.networks.hebb import Hebb
from tfimpl.networks.instar import Instar
from tfimpl.networks.k_means import KMeans
from tfimpl.networks.look_up import LookUp
from tfimpl.networks.matrix_factorization import MatrixFactorization
from tfimpl.networks.multilayer import Multilayer
from tfimpl.networks.nearest_neighbours import NearestNeighbours
from tfimpl.networks.one_layer import OneLayer
from tfimpl.networks.output import Output, SigmoidOutput, SoftmaxOutput
from tfimpl.networks.parts import Parts
from tfimpl.networks.perceptron import Perceptron
from tfimpl.networks.players import Players
from tfimpl.networks.point import Point
from tfimpl.networks.q_learning import QLearning
from tfimpl.networks.quadratic import Quadratic
from tfimpl.networks.radial_basis import RadialBasis
from tfimpl.networks.rating_look_up import RatingLookUp
from tfimpl.networks.rbm import RBM
from tfimpl.networks.rbm_likelihood import RBMLikelihood
from tfimpl.networks.recommender import Recommender
from tfimpl.networks.sarsa import Sarsa
from tfimpl.networks.self_organizing_map import SelfOrganizingMap
from tfimpl.networks.sequential import Sequential
from tfimpl.networks.total_least_squares import TotalLeastSquares
from tfimpl.networks.two_layer import TwoLayer
from tfimpl.networks.vae import VAE

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
