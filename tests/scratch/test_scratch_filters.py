"""The named filters: what each does to pictures whose answer is known."""

import numpy as np
import pytest
from scipy import ndimage

from coursekit.scratch.convolution import convolve, cross_correlate
from coursekit.scratch.filters import ABOUT, CURVE_PATCH, NAMED, OTHER_PATCH, gabor

SUMS = {
    1: ("identity", "box_blur", "gaussian_blur", "cross_blur", "sharpen", "sharpen_strong", "cross_sharpen"),
    8: ("slide_blur",),
    4: ("slide_sharpen",),
    0: ("edge", "edge_diagonal", "laplacian", "slide_edge", "sobel_x", "sobel_y", "slide_sobel"),
    180: ("curve",),
}


@pytest.mark.parametrize(("total", "names"), SUMS.items())
def test_sums(total, names):
    for name in names:
        assert NAMED[name].sum() == pytest.approx(total), name


def test_each_filter_is_described_and_none_can_be_spoilt():
    assert set(NAMED) == set(ABOUT) == {name for names in SUMS.values() for name in names}
    for kernel in (*NAMED.values(), CURVE_PATCH, OTHER_PATCH):
        assert kernel.dtype == np.float64
        with pytest.raises(ValueError, match="read-only"):
            kernel[0, 0] = 1
    with pytest.raises(TypeError):
        NAMED["identity"] = np.ones((3, 3))


def test_curve_detector():
    assert cross_correlate(CURVE_PATCH, NAMED["curve"]) == 6600
    assert cross_correlate(OTHER_PATCH, NAMED["curve"]) == 0
    assert convolve(CURVE_PATCH, NAMED["curve"]) != 6600


def test_filters_equal_scipys(rng):
    x = rng.normal(size=(9, 11))
    for name, theirs in [
        ("identity", x),
        ("box_blur", ndimage.uniform_filter(x, 3, mode="constant")),
        ("laplacian", ndimage.laplace(x, mode="constant")),
        ("slide_edge", -ndimage.laplace(x, mode="constant")),
        ("sobel_x", ndimage.sobel(x, axis=1, mode="constant")),
        ("sobel_y", ndimage.sobel(x, axis=0, mode="constant")),
    ]:
        np.testing.assert_allclose(cross_correlate(x, NAMED[name], "same"), theirs, atol=1e-12, err_msg=name)
    sobel = ndimage.sobel(x, axis=1, mode="constant")
    np.testing.assert_allclose(convolve(x, NAMED["slide_sobel"], "same"), sobel, atol=1e-12)


def test_filters_relate_as_described(rng):
    x = rng.normal(size=(6, 8))
    sharp = cross_correlate(x, NAMED["sharpen"])
    np.testing.assert_allclose(sharp, x[1:-1, 1:-1] - cross_correlate(x, NAMED["laplacian"]))
    np.testing.assert_allclose(NAMED["slide_blur"] / 8, NAMED["cross_blur"])
    np.testing.assert_allclose(NAMED["slide_sharpen"] / 4, NAMED["cross_sharpen"])
    np.testing.assert_allclose(NAMED["gaussian_blur"], np.outer([1, 2, 1], [1, 2, 1]) / 16)
    turned = {"sobel_x", "sobel_y", "slide_sobel", "curve"}
    assert {name for name, k in NAMED.items() if not np.array_equal(k, np.flip(k))} == turned


def test_sobel_signs():
    to_the_right = np.tile(np.arange(5.0), (4, 1))
    assert (cross_correlate(to_the_right, NAMED["sobel_x"]) == 8).all()
    assert (cross_correlate(to_the_right, NAMED["sobel_y"]) == 0).all()
    assert (cross_correlate(to_the_right.T, NAMED["sobel_y"]) == 8).all()


def test_a_gabor_function_is_tuned_to_its_angle_and_blind_to_even_light():
    for phase in (0, 90, 30):
        field = gabor(17, 8, 25, phase)
        assert field.sum() == pytest.approx(0, abs=1e-12)
        assert np.linalg.norm(field) == pytest.approx(1)
    even, odd = gabor(17, 8), gabor(17, 8, phase=90)
    assert even == pytest.approx(even[:, ::-1])
    assert odd == pytest.approx(-odd[:, ::-1])
    assert even[8, 8] == even.max()
    assert even[8].min() == pytest.approx(even[8, [4, 12]].min())  # half a wave from the middle
    assert gabor(17, 8, 90) == pytest.approx(even.T)
    assert gabor(17, 8, 30)[0].argmax() < 8  # turned counter-clockwise: the upper end to the left


@pytest.mark.parametrize("wrong", [{"size": 0, "wavelength": 8}, {"size": 9, "wavelength": 1}])
def test_a_gabor_function_needs_pixels(wrong):
    with pytest.raises(ValueError, match="fix: pass a size of 1 or more"):
        gabor(**wrong)
