"""The words and signs that make one problem another, those that say nothing, and which are one; used by decisive."""

# Spelling and layout, which say nothing about the problem.
STYLE = set(
    r"\bar \mathbf \boldsymbol \mathcal \mathbb \mathfrak \mathscr \begin \end \hline \text \textbf \bullet \boxed"
    r" \overline \underline \newline \item \tag \label \nonumber \cdot \triangle \angle \circ \space \operatorname"
    r" \textdollar \overset \substack \stackrel \atop \vec \overrightarrow \frown \bm \bf \it \uline \emph"
    r" \par \indent \noindent \star \ast \Large \hspace \vspace".split()
)
SIGNS = set("& ~ — 、 。 · • , “ ” # @ _ $ ) ] | ： ， ； ？ （ ） 《 》 【 】 ' ` ℃".split())
SAME = {
    "%": "percent",
    "/": r"\frac",
    r"\div": r"\frac",
    r"\implies": r"\Rightarrow",
    r"\colon": ":",
    r"\mid": "|",
    r"\gt": ">",
}
SAME |= {
    r"\f": "f",
    r"\ell": "l",
    r"\varphi": r"\phi",
    r"\bar": r"\overline",
    r"\varepsilon": r"\epsilon",
    "^{\\circ}": "degrees",
    "degree": "degrees",
}
SAME |= {r"\lt": "<", r"\ldotp": "...", r"\land": r"\wedge", r"\varnothing": r"\emptyset", r"\setminus": r"\backslash"}
_NUMERALS = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen"
    " nineteen twenty"
).split()
_SYNONYMS = {
    "least": "smallest least minimum minimal fewest lowest shortest",
    "most": "largest greatest most maximum maximal highest longest biggest",
    "not": "not no non without never neither nor cannot",
    "twice": "twice double doubled",
    "thrice": "thrice triple tripled",
    "distinct": "distinct different",
    "mean": "mean average",
    "unless": "unless except excluding excludes",
}
FUNCTIONS = "sin cos tan cot sec csc log ln exp max min gcd lcm arcsin arccos arctan sinh cosh tanh"
_ASKED = [
    "even odd positive negative",
    "sum product difference quotient remainder ratio median mode range",
    FUNCTIONS,
    "perimeter area volume radius diameter circumference half third quarter percent dozen hundred thousand million",
    "only refuse refuses allowed forbidden exterior interior cubed squared",
    "exactly inclusive exclusive consecutive nonnegative nonzero prime composite replacement",
    "true false correct incorrect wrong second fourth fifth sixth seventh eighth ninth tenth eleventh twelfth",
    "〇 零 二 两 三 四 五 六 七 八 九 十 百 千 万 亿 半 倍 不 大 小 多 少 和 差 积 商 余 奇 偶 正 负",
]
DECISIVE = (
    {word: str(number) for number, word in enumerate(_NUMERALS, start=2)}
    | {word: meaning for meaning, words in _SYNONYMS.items() for word in words.split()}
    | {word: word for words in _ASKED for word in words.split()}
    # What is left of a command whose backslash and first letter an export took for a control character.
    | {"rac": r"\frac", "imes": "*"}
    # Commands typed as words.
    | {"pi": r"\pi", "sqrt": r"\sqrt", "mod": r"\bmod", "modulo": r"\bmod", "infinity": r"\infty"}
)
# Words that decide only against another of them: "square ABCD" is ABCD, but no triangle.
KINDS = set(
    "triangle square rectangle quadrilateral parallelogram trapezoid rhombus pentagon hexagon heptagon octagon nonagon"
    " decagon circle ellipse parabola hyperbola sphere cube cone cylinder pyramid prism tetrahedron octahedron"
    " longer shorter taller older younger faster slower larger smaller greater lateral diagonal diagonals sides edges"
    " vertices row column columns rows before after more less fewer"
    " opposite next adjacent reflection projection rotation translation dilation complementary supplementary"
    " vertex focus foci directrix axis altitude altitudes median medians bisector bisectors slope intercept intercepts"
    " hypotenuse leg legs chord tangent secant center centroid orthocenter incenter circumcenter incircle circumcircle"
    " inscribed circumscribed height base width length depth"
    " penny nickel dime quarter heads tails hearts diamonds clubs spades jack queen king ace"
    " jacks queens kings aces leftmost rightmost top bottom left right first last"
    " same equal cheapest nearest farthest together alone"
    " minimum maximum increasing decreasing divisor divisors multiple multiples factor factors digit digits"
    " domain range inverse numerator denominator real imaginary rational irrational coefficient"
    " coefficients constant degree"
    " root roots union intersection"
    " 柱 锥 球 侧 表 周 内 外 加 减 乘 除 前 后 左 右 上 下 男 女 甲 乙 丙 丁"
    " 红 白 黑 蓝 黄 绿 增 降 买 卖 顺 逆 长 宽 高"
    " parallel perpendicular convex concave acute obtuse isosceles scalene equilateral inside outside internal external"
    " inner outer clockwise counterclockwise arithmetic geometric harmonic finite infinite ascending descending upper"
    " january february april june july august september october november december"
    " lower north south east west major minor convergent divergent wins loses"
    " distinguishable indistinguishable reciprocals squares cubes inclination horizontal vertical".split()
)
# Words that decide only against another one of their line, whatever its form: 20 minutes are no 20 hours.
_SORTS = [
    "seconds sec|minute minutes|hour hours hr hrs|day days|week weeks|month months|year years",
    "millimeters mm|centimeter centimeters cm|meter meters metre metres|kilometer kilometers km",
    "inch inches|foot feet ft|yard yards yd|mile miles",
    "gram grams|kg kilogram kilograms|ounce ounces oz|pound pounds lb lbs|ton tons tonnes",
    "cent cents|dollar dollars",
    "ones units|tens|hundreds|thousands",
    "integer integers|real|complex|rational|irrational",
    "increase increases increased increasing|decrease decreases decreased decreasing",
    "win wins won winning|lose loses losing",
    "diagonal diagonals|side sides",
    "every each|some",
    "probability|expected expectation",
]
# Word → its line above, and the name of the word there.
SORTS = {
    word: (line, words.split()[0])
    for line, sort in enumerate(_SORTS)
    for words in sort.split("|")
    for word in words.split()
}
# Greek letters that are variables.
GREEK = set(
    r"\alpha \beta \gamma \delta \epsilon \zeta \eta \theta \kappa \lambda \mu \nu \xi"
    r" \rho \sigma \tau \phi \psi \omega".split()
)
SPELLING = DECISIVE | SAME | {f"\\{name}": name for name in FUNCTIONS.split()}
STOP = set(
    "the an is are was were be been find finds what determine compute calculate evaluate please let given that then we"
    " have has had there of and for in with to such where which value s its it this these those if when so how"
    " do does can you me us our".split()
)
NEUTRAL = set(
    "value values number numbers many much following possible total all any each every both also"
    " respectively must obtain"
    " expressed question problem answer simplest form terms express written below shown above"
    " figure diagram picture now"
    " just only they their he she his her him them will would may one as at on by from or not"
    " solve denote called does did"
    " who whose whom but than".split()
)
