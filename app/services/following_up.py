"""What a unit does by itself once packages have been taken: each thing a named act of its own, told in a sentence."""

from app.services.handovers import Handovers
from app.services.station import Station


def follow_up(station: Station) -> list[str]:
    """Do it; gives what was done, in Chinese."""
    said = []
    for moved in Handovers(station).complete():
        what = "补办转接" if moved.late else "办理转接"
        said.append(f"{what}: {moved.name}, 连同 {moved.records} 条记录。")
    return said
