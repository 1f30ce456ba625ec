"""In how large pieces a picture travels: as the line carries them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.fixtures.browsers import OpenPage

pytestmark = pytest.mark.e2e

LEAST, MOST = 32 * 1024, 64 * 1024

SENT = """async ({ speed, wait, breaks }) => {
  const { upload } = await import(`${location.origin}/static/today/js/wizard/tus.js`);
  const pause = milliseconds => new Promise(go => setTimeout(go, milliseconds));
  const pieces = [];
  let offset = 0;
  window.fetch = async (address, { method, headers, body }) => {
    const said = (status, more = {}) => new Response(null, { status, headers: { 'Tus-Resumable': '1.0.0', ...more } });
    await pause(wait);
    if (method === 'POST') return said(201, { Location: '/api/v1/uploads/one' });
    if (method === 'HEAD') return said(200, { 'Upload-Offset': String(offset) });
    pieces.push(body.byteLength);
    if (pieces.length === breaks) throw new TypeError('Failed to fetch');
    await pause(body.byteLength / speed * 1000);
    offset += body.byteLength;
    return said(204, { 'Upload-Offset': String(offset) });
  };
  const bytes = new Uint8Array(200_000);
  for (let address = ''; offset < bytes.length;) {
    try {
      address = await upload(bytes, { filename: 'a.jpg' }, { address }, () => {});
    } catch (error) {
      if (error.message !== 'unreachable') throw error;
      address = '/api/v1/uploads/one';
    }
  }
  return pieces;
}"""


@pytest.mark.parametrize(
    ("line", "second", "third"),
    [
        ({"speed": 5_000_000, "wait": 5, "breaks": 0}, (MOST, MOST), (MOST, MOST)),
        ({"speed": 5_000_000, "wait": 500, "breaks": 0}, (MOST, MOST), (MOST, MOST)),
        ({"speed": 94_000, "wait": 100, "breaks": 0}, (LEAST, 46_000), (LEAST, 46_000)),
        pytest.param(
            {"speed": 20_000, "wait": 100, "breaks": 0},
            (LEAST, LEAST),
            (LEAST, LEAST),
            marks=pytest.mark.long,
        ),
        ({"speed": 5_000_000, "wait": 5, "breaks": 1}, (LEAST, LEAST), (MOST, MOST)),
    ],
    ids=["quick", "far", "slow", "slower", "broken once"],
)
def test_pieces_are_as_large_as_the_line_carries_them_in_a_moment(
    open_page: OpenPage, line: dict[str, int], second: tuple[int, int], third: tuple[int, int]
) -> None:
    page = open_page("phone", service_workers="block")
    page.goto("/offline")
    pieces = page.evaluate(SENT, line)
    assert pieces[0] == MOST
    for size, (least, most) in zip(pieces[1:3], (second, third), strict=True):
        assert least <= size <= most
