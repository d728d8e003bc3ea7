"""What the texts write that stops today, and what to write for it: a row each.

Both programs of a row are run by a test: ``then`` must still stop, warn or be without effect as
the row says, ``now`` must run, with the TensorFlow and Keras that are installed.
"""

from dataclasses import dataclass
from textwrap import dedent

from equivalence.texts.sections import at


@dataclass(frozen=True)
class Today:
    """One old name.

    name: as the texts write it.
    sections: where.
    stops: the exception that it raises now; "UserWarning" for what still runs, and warns;
        "AssertionError" for what no longer does what its program then asserts.
    why: in a sentence without its full stop; ``korean`` says the same.
    then, now: a program as the texts have it, shortened; and one that does the same today.
    since: the package and its first version with which it does, where an older one is supported
        here, too.
    """

    name: str
    sections: tuple[str, ...]
    stops: str
    why: str
    korean: str
    then: str
    now: str
    since: tuple[str, str] | None = None

    @property
    def ends(self):
        """What becomes of ``then``, in words."""
        if self.stops == "UserWarning":
            return "still runs, and warns"
        if self.stops == "AssertionError":
            return "runs, without its effect"
        since = f" since {' '.join(self.since)}" if self.since else ""
        return f"stops with {self.stops}{since}"


def _row(name, sections, stops, why, korean, then, now, since=None):
    programs = dedent(then).strip(), dedent(now).strip()
    return Today(name, sections, stops, why, korean, *programs, since)


ROWS = (
    _row(
        "tf.Session",
        at("003", "A3 A4 B3 B5 B6"),
        "AttributeError",
        "TensorFlow 2 computes at once: a tensor has its value, and nothing is run",
        "텐서플로우 2는 바로 계산합니다. 텐서에 값이 들어 있으므로 실행할 세션이 없습니다",
        """
        import tensorflow as tf

        hello = tf.constant("Hello, TensorFlow!")
        sess = tf.Session()
        print(sess.run(hello))
        """,
        """
        import tensorflow as tf

        hello = tf.constant("Hello, TensorFlow!")
        print(hello.numpy().decode())
        """,
    ),
    _row(
        "tf.placeholder, feed_dict",
        at("003", "B3 B5 B6"),
        "AttributeError",
        "data are the arguments of a function; tf.function makes it a graph",
        "데이터는 함수의 인수로 넘깁니다. tf.function을 붙이면 그래프가 됩니다",
        """
        import tensorflow as tf

        x = tf.placeholder(tf.float32, [None, 4])
        """,
        """
        import tensorflow as tf

        W, b = tf.Variable(tf.zeros([4, 3])), tf.Variable(tf.zeros([3]))


        @tf.function
        def h(x):
            return tf.nn.softmax(tf.matmul(x, W) + b)


        print(h(tf.ones([2, 4])).numpy())
        """,
    ),
    _row(
        "tf.global_variables_initializer",
        at("003", "A4 B3 B5 B6"),
        "AttributeError",
        "a variable has its first value when it is made",
        "변수는 만들어질 때 초깃값을 가집니다",
        """
        import tensorflow as tf

        init = tf.global_variables_initializer()
        """,
        """
        import tensorflow as tf

        W = tf.Variable(tf.zeros([4, 3]))
        print(W.numpy())
        """,
    ),
    _row(
        "tf.train.GradientDescentOptimizer",
        at("003", "A4 B3 B5 B6"),
        "AttributeError",
        "Keras's SGD is the optimizer, and a GradientTape takes the gradients",
        "최적화 함수는 Keras의 SGD이고, 기울기는 GradientTape가 구합니다",
        """
        import tensorflow as tf

        train = tf.train.GradientDescentOptimizer(0.00001)
        """,
        """
        import keras
        import tensorflow as tf

        x, y = tf.constant([32.0, 64.0, 96.0]), tf.constant([18.0, 24.0, 61.5])
        W, b = tf.Variable(1.26818371), tf.Variable(-155.01182556)
        optimizer = keras.optimizers.SGD(learning_rate=0.00001)
        for step in range(3):
            with tf.GradientTape() as tape:
                cost = tf.reduce_mean(tf.square(W * x + b - y))
            gradients = tape.gradient(cost, [W, b])
            optimizer.apply_gradients(zip(gradients, [W, b]))
            print(step, cost.numpy(), W.numpy(), b.numpy())
        """,
    ),
    _row(
        "optimizer.minimize",
        at("000", "1-11") + at("002", "4.4") + at("003", "A4 B3 B5 B6"),
        "AttributeError",
        "Keras 3's optimizers have no such method: take the gradients, then apply them",
        "Keras 3의 최적화 함수에는 이 메서드가 없습니다. 기울기를 구한 뒤 적용합니다",
        """
        import keras
        import tensorflow as tf

        w = tf.Variable(1.0)
        keras.optimizers.Adam(0.05).minimize(lambda: tf.square(w - 3), var_list=[w])
        """,
        """
        import keras
        import tensorflow as tf

        w = tf.Variable(1.0)
        optimizer = keras.optimizers.Adam(0.05)
        with tf.GradientTape() as tape:
            loss = tf.square(w - 3)
        optimizer.apply_gradients([(tape.gradient(loss, w), w)])
        print(w.numpy())
        """,
    ),
    _row(
        "optimizers.Adam(lr=...)",
        at("000", "1-12 1-14 1-15") + at("002", "3.27 4.4 5.8") + at("003", "C1"),
        "ValueError",
        "the argument is called learning_rate",
        "인수 이름은 learning_rate입니다",
        """
        import keras

        optimizer = keras.optimizers.SGD(lr=0.3)
        """,
        """
        import keras

        optimizer = keras.optimizers.SGD(learning_rate=0.3)
        print(float(optimizer.learning_rate))
        """,
    ),
    _row(
        "model.optimizer.lr = ...",
        at("003", "C1"),
        "AssertionError",
        "a new attribute appears and the rate stays what it was, without a word: "
        "assign to learning_rate",
        "새 속성만 생기고 학습률은 그대로입니다. 오류도 나지 않으므로 learning_rate에 대입합니다",
        """
        import keras

        optimizer = keras.optimizers.SGD(learning_rate=0.01)
        optimizer.lr = 0.001
        assert float(optimizer.learning_rate) < 0.002
        """,
        """
        import keras

        optimizer = keras.optimizers.SGD(learning_rate=0.01)
        optimizer.learning_rate = 0.001
        assert float(optimizer.learning_rate) < 0.002
        print(float(optimizer.learning_rate))
        """,
    ),
    _row(
        "tf.random_normal",
        at("003", "A4"),
        "AttributeError",
        "it has moved to tf.random.normal",
        "tf.random.normal로 옮겨졌습니다",
        """
        import tensorflow as tf

        W = tf.random_normal([1], -10.0, 10.0)
        """,
        """
        import tensorflow as tf

        W = tf.random.normal([1], -10.0, 10.0)
        print(W.shape)
        """,
    ),
    _row(
        "tf.truncated_normal",
        at("003", "B6"),
        "AttributeError",
        "it has moved to tf.random.truncated_normal",
        "tf.random.truncated_normal로 옮겨졌습니다",
        """
        import tensorflow as tf

        W = tf.truncated_normal([784, 360], stddev=0.1)
        """,
        """
        import tensorflow as tf

        W = tf.random.truncated_normal([784, 360], stddev=0.1)
        print(W.shape)
        """,
    ),
    _row(
        "tf.log",
        at("003", "B3 B5"),
        "AttributeError",
        "it has moved to tf.math.log",
        "tf.math.log로 옮겨졌습니다",
        """
        import tensorflow as tf

        print(tf.log(2.0))
        """,
        """
        import tensorflow as tf

        print(tf.math.log(2.0).numpy())
        """,
    ),
    _row(
        "tf.reduce_sum(..., reduction_indices=...)",
        at("003", "B3 B5"),
        "TypeError",
        "the argument is called axis",
        "인수 이름은 axis입니다",
        """
        import tensorflow as tf

        print(tf.reduce_sum(tf.ones([2, 3]), reduction_indices=[1]))
        """,
        """
        import tensorflow as tf

        print(tf.reduce_sum(tf.ones([2, 3]), axis=1).numpy())
        """,
    ),
    _row(
        "tf.logging",
        at("004", "01-1"),
        "AttributeError",
        "TensorFlow's logger is one of Python's",
        "텐서플로우의 로거는 파이썬의 로거입니다",
        """
        import tensorflow as tf

        tf.logging.set_verbosity(tf.logging.ERROR)
        """,
        """
        import tensorflow as tf

        tf.get_logger().setLevel("ERROR")
        print(tf.get_logger().level)
        """,
    ),
    _row(
        "tensorflow.examples.tutorials.mnist, next_batch",
        at("003", "B2 B3 B6"),
        "ModuleNotFoundError",
        "keras.datasets.mnist.load_data() brings MNIST over the net; scikit-learn has smaller "
        "digits without it; a batch is a slice of the arrays",
        "MNIST는 keras.datasets.mnist.load_data()로 인터넷에서 받습니다. 인터넷이 없으면 "
        "scikit-learn의 작은 숫자 그림을 씁니다. 배치는 배열을 잘라서 만듭니다",
        """
        from tensorflow.examples.tutorials.mnist import input_data
        """,
        """
        import numpy as np
        from sklearn.datasets import load_digits

        digits = load_digits()
        images, labels = digits.data / 16, np.eye(10)[digits.target]
        for first in range(0, len(images), 100):
            batch_xs, batch_ys = images[first : first + 100], labels[first : first + 100]
        print(batch_xs.shape, batch_ys.shape)
        """,
    ),
    _row(
        "keras.layers.recurrent",
        at("003", "C1"),
        "ModuleNotFoundError",
        "every layer is in keras.layers",
        "모든 층은 keras.layers에 있습니다",
        """
        from keras.layers.recurrent import LSTM
        """,
        """
        from keras.layers import LSTM

        print(LSTM(10).units)
        """,
    ),
    _row(
        "keras.preprocessing.text.Tokenizer",
        at("003", "C2"),
        "ModuleNotFoundError",
        "TextVectorization does it; so do four lines of Python, which number words from 1, the "
        "most frequent first, as the text has it",
        "TextVectorization을 쓰거나 파이썬 네 줄로 씁니다. 단어 번호는 교재처럼 1부터, 자주 나오는 "
        "단어가 먼저입니다",
        """
        from keras.preprocessing.text import Tokenizer
        """,
        """
        from collections import Counter

        text = "경마장에 있는 말이 뛰고 있다\\n그의 말이 법이다\\n가는 말이 고와야 오는 말이 곱다"
        words = [word for word, _ in Counter(text.split()).most_common()]
        word_index = {word: number for number, word in enumerate(words, start=1)}
        encoded = [[word_index[word] for word in line.split()] for line in text.split("\\n")]
        print(encoded)
        """,
    ),
    _row(
        "discriminator.trainable = False",
        at("000", "8-6"),
        "AssertionError",
        "Keras 3 asks which weights are trainable when a step is first traced, not when the model "
        "is compiled: a discriminator that is compiled and then held never learns",
        "Keras 3은 compile이 아니라 첫 학습 단계에서 trainable을 봅니다. compile한 뒤에 고정한 "
        "판별자는 전혀 학습하지 않습니다",
        """
        import keras
        import numpy as np

        discriminator = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        discriminator.compile("sgd", keras.losses.BinaryCrossentropy(from_logits=True))
        discriminator.trainable = False
        generator = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        combined = keras.Sequential([keras.Input((1,)), generator, discriminator])
        combined.compile("sgd", keras.losses.BinaryCrossentropy(from_logits=True))
        before = discriminator.get_weights()
        discriminator.train_on_batch(np.ones((2, 1)), np.ones((2, 1)))
        assert discriminator.get_weights()[1] != before[1], "the discriminator has not learned"
        """,
        """
        import keras
        import numpy as np

        discriminator = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        discriminator.compile("sgd", keras.losses.BinaryCrossentropy(from_logits=True))
        generator = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        combined = keras.Sequential([keras.Input((1,)), generator, discriminator])
        combined.compile("sgd", keras.losses.BinaryCrossentropy(from_logits=True))
        before = discriminator.get_weights()
        discriminator.trainable = True  # before every step of its own
        discriminator.train_on_batch(np.ones((2, 1)), np.ones((2, 1)))
        learned = discriminator.get_weights()
        assert learned[1] != before[1]
        discriminator.trainable = False  # before every step of both
        combined.train_on_batch(np.ones((2, 1)), np.ones((2, 1)))
        assert discriminator.get_weights()[1] == learned[1]
        print("the discriminator learns in its own steps, and in no others")
        """,
    ),
    _row(
        "model.predict_classes",
        at("003", "C2"),
        "AttributeError",
        "a class is the place of the largest output",
        "클래스는 가장 큰 출력의 위치입니다",
        """
        import keras
        import numpy as np

        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
        print(model.predict_classes(np.ones((2, 4))))
        """,
        """
        import keras
        import numpy as np

        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
        print(np.argmax(model.predict(np.ones((2, 4)), verbose=0), axis=-1))
        """,
    ),
    _row(
        "model.predict([100.0])",
        at("004", "01-1 01-3"),
        "ValueError",
        "a list is several inputs: give an array, of the shape (samples, features)",
        "리스트는 여러 개의 입력으로 봅니다. (샘플 수, 특성 수) 모양의 배열을 넘깁니다",
        """
        import keras

        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        print(model.predict([100.0]))
        """,
        """
        import keras
        import numpy as np

        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        print(model.predict(np.array([[100.0]]), verbose=0))
        """,
    ),
    _row(
        "tf.keras.optimizer.Adam",
        at("004", "01-3"),
        "AttributeError",
        "a slip of the text: the module is optimizers",
        "교재의 오타입니다. 모듈 이름은 optimizers입니다",
        """
        import tensorflow as tf

        optimizer = tf.keras.optimizer.Adam(0.1)
        """,
        """
        import tensorflow as tf

        optimizer = tf.keras.optimizers.Adam(0.1)
        print(float(optimizer.learning_rate))
        """,
    ),
    _row(
        "math.exp of a tensor",
        at("002", "3.11 3.12 3.13 3.14 3.16 3.23 3.24"),
        "TypeError",
        "NumPy no longer takes an array of one number for a number: take the number out, or "
        "write tf.sigmoid, which stays in float32",
        "원소가 하나인 배열은 더 이상 숫자로 바뀌지 않습니다. 숫자를 꺼내거나 tf.sigmoid를 "
        "씁니다(이때는 float32로 계산합니다)",
        """
        import math

        import tensorflow as tf

        w = tf.random.normal([1], 0, 1)
        print(1 / (1 + math.exp(-w)))
        """,
        """
        import math

        import tensorflow as tf

        w = tf.random.normal([1], 0, 1)
        print(1 / (1 + math.exp(-w[0])))
        """,
        since=("NumPy", "2.4"),
    ),
    _row(
        "Dense(1, input_dim=2), input_shape=",
        at("000", "1-12 1-14")
        + at("001", "411_2 418_1")
        + at("002", "3-3 3.27 4.7 5.8")
        + at("003", "B2 C1")
        + at("004", "01-1 01-3"),
        "UserWarning",
        "the model's first line is keras.Input",
        "모델의 첫 줄에 keras.Input을 씁니다",
        """
        import keras

        model = keras.Sequential([keras.layers.Dense(1, input_dim=2)])
        """,
        """
        import keras

        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        print(model.count_params())
        """,
    ),
    _row(
        "Embedding(..., input_length=...)",
        at("003", "C2 C3"),
        "UserWarning",
        "leave it out: the layer takes sequences of any length",
        "빼면 됩니다. 이 층은 어떤 길이의 순서열도 받습니다",
        """
        import keras

        layer = keras.layers.Embedding(12, 10, input_length=5)
        """,
        """
        import keras
        import numpy as np

        layer = keras.layers.Embedding(12, 10)
        print(layer(np.array([[0, 2, 3, 1, 4]])).shape)
        """,
    ),
)
