"""Ten small pictures of digits, the target codes of LeNet-5's output layer.

LeCun et al. 1998 take each class's code from a stylised 7×12 bitmap of the character (figure 3), so that digits which
look alike have codes alike. These bitmaps were drawn for this course in that format; they are not the paper's.
"""

import numpy as np
from numpy.typing import NDArray

_PICTURES = """
.#####.  ...##..  .#####.  #######  #...##.  #######  ..####.  #######  .#####.  .#####.
##...##  ..###..  ##...##  .....##  #...##.  ##.....  .##....  ##...##  ##...##  ##...##
##...##  .####..  .....##  ....##.  ##..##.  ##.....  ##.....  .....##  ##...##  ##...##
##...##  ...##..  .....##  ...##..  ##..##.  ##.....  ##.....  ....##.  ##...##  ##...##
##...##  ...##..  .....##  ..####.  ##..##.  ######.  ######.  ....##.  .##.##.  ##...##
##...##  ...##..  ....##.  .....##  #######  .....##  ##...##  ...##..  ..###..  .######
##...##  ...##..  ...##..  .....##  #######  .....##  ##...##  ...##..  .##.##.  .....##
##...##  ...##..  ..##...  .....##  ....##.  .....##  ##...##  ..##...  ##...##  .....##
##...##  ...##..  .##....  .....##  ....##.  .....##  ##...##  ..##...  ##...##  .....##
##...##  ...##..  ##.....  ##...##  ....##.  ##...##  ##...##  .##....  ##...##  .....##
##...##  ...##..  ##.....  ##...##  ....##.  ##...##  ##...##  .##....  ##...##  ....##.
.#####.  .######  #######  .#####.  ....##.  .#####.  .#####.  .##....  .#####.  .####..
"""


def digit_codes() -> NDArray[np.float32]:
    """Return the codes of 0 … 9, (10, 84): the pictures' pixels row by row, +1 for ink and −1 for paper."""
    lines = [line.split() for line in _PICTURES.strip().splitlines()]
    ink = np.array([[[mark == "#" for mark in row] for row in digits] for digits in lines])
    return np.where(ink.transpose(1, 0, 2), 1, -1).reshape(10, 84).astype(np.float32)
