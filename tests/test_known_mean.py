import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from abovebar.measures.known_mean import known_mean

VALUES = arrays(
    np.float64, array_shapes(min_dims=2, max_dims=3, max_side=4),
    elements=st.one_of(st.just(np.nan), st.floats(-1e3, 1e3)),
)


@pytest.mark.parametrize("axis", [None, 0, 1])
@given(values=VALUES)
def test_equals_nanmean(values, axis):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        wanted = np.nanmean(values, axis=axis)
    np.testing.assert_allclose(known_mean(values, axis), wanted, rtol=1e-12, atol=1e-9)


def test_single_precision_is_summed_in_double():
    values = np.full((10_000_001, 1), 0.1, dtype=np.float32)
    assert known_mean(values, 0)[0] == pytest.approx(float(np.float32(0.1)), rel=1e-12)
