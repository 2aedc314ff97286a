"""results.svg: auth_ping of everybody, as bars."""

from .peers import CONTESTANTS

COLOURS = {"customersd": "#d9480f", "constant": "#ffc078", "nginx": "#ced4da"}
OTHERS = "#4c6ef5"
LABELS, BARS, BAR, GAP = 330, 520, 16, 34


def _text(x, y, text, anchor="start", size=12, weight="normal", fill="#212529"):
    return (f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" fill="{fill}">'
            f'{text.replace("&", "&amp;").replace("<", "&lt;")}</text>')


def draw(results):
    if "auth_ping" not in results:
        return '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>\n'
    cells = results["auth_ping"]["cells"]
    highest = max(one["rate"] for cell in cells.values() for one in cell.values())
    parts, y = [], 34
    for title, cell in cells.items():
        connections, mode = title.split()
        plural = "connection" if connections == "1" else "connections"
        parts.append(_text(12, y, f"{connections} {'kept ' if mode == 'kept' else ''}{plural}"
                           f"{'' if mode == 'kept' else ', a new one for each request'}", size=13, weight="bold"))
        y += 12
        for name, (label, _, _) in CONTESTANTS.items():
            rate = cell[name]["rate"]
            width = max(1, BARS * rate / highest)
            parts.append(_text(LABELS - 8, y + 12, label, anchor="end"))
            colour = COLOURS.get(name, OTHERS)
            parts.append(f'<rect x="{LABELS}" y="{y + 1}" width="{width:.1f}" height="{BAR - 3}" fill="{colour}"/>')
            parts.append(_text(LABELS + width + 6, y + 12, f"{rate:,.0f}", fill="#495057"))
            y += BAR
        y += GAP
    machine = results["machine"]
    caption = f"auth_ping through nginx, requests a second. {machine['processor']}, {machine['cores']} cores."
    parts.append(_text(12, y - 8, caption, fill="#868e96"))
    width = LABELS + BARS + 80
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y + 6}" viewBox="0 0 {width} {y + 6}" '
            f'font-family="sans-serif">\n<rect width="{width}" height="{y + 6}" fill="#fff"/>\n' + "\n".join(parts)
            + "\n</svg>\n")
