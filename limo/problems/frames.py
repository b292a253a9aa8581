"""A question → the question without the prompt that its publisher put around it; used by canonical and the sources."""

import re

_REACH = 300  # characters at the end; longer than any frame there, so that a search never walks the whole text
_HEAD_REACH = 1500  # characters at the start, where prompts are longer
_LEFT = 8  # characters of a problem; a text with less behind its frames is no problem in a frame
_BOX = r"\$?\\?\\(?:boxed|fbox)\s*(?:\{[^{}]{0,40}\})?\$?"
_MARK = rf"(?:{_BOX}|(?:a |the )?box(?:ed)?\b(?: (?:format|form|environment))?|['\"“]?####['\"”]?|</?answer>)"
_ANSWER = r"(?:(?:your|the|all) )?(?:final |exact |numerical |correct )?(?:answers?|results?|solutions?|response)"
_WORK = r"(?:think|reason|work|proceed|solve (?:it|this|the problem)|answer(?: the question)?|explain)"
_STEPS = (
    rf"(?:take a deep breath and )?{_WORK}(?: (?:about|through|on|out) (?:it|this|the problem|this"
    rf" problem)| (?:it|this) (?:out|through))?,? ?step[ -]by[ -]step"
    r"(?: to (?:be sure|make sure|ensure)[^.\n]{0,60})?"
)
_VERB = (
    r"(?:put|give|write|output|present|place|enclose|box|return|provide|express|state|report|wrap"
    r"|include|conclude with)"
)
_PUT = (
    rf"{_VERB} {_ANSWER},? ?(?:clearly |only |as a single \w+ |in latex (?:format|form):?"
    rf" )?(?:(?:with)?in(?:side)?|using|after|with|by|enclosed in) ?{_MARK}|{_VERB} {_ANSWER} in"
    rf" latex(?: format)?:? ?{_BOX}"
)
_TAGGED = r"<[a-z]+> ?(?:\.\.\.)? ?</[a-z]+>"
_PUT_BOXED = _PUT.replace(_MARK, _BOX)
_STATED = (
    rf"(?:the last line of )?{_ANSWER} (?:should|must|needs to|has to|will|is to)"
    rf" [^.?!\n]{{0,120}}?(?:{_MARK}|answer:)[^\n]{{0,160}}"
    rf"|put {_ANSWER} on its own line[^\n]{{0,60}}"
    r"|(?:show|explain|describe) (?:all )?(?:your|the) (?:work|working|reasoning|steps"
    r"|thinking)(?: clearly| carefully| in detail)?"
    r"|think (?:carefully|hard|deeply)(?: before (?:you answer|answering))?"
    r"|(?:explain|show|write) (?:your|the) (?:reasoning|work|steps|thinking),? and box (?:your|the) [^.\n]{0,40}"
    r"|(?:answer|respond|reply) (?:with|using) (?:only|just) (?:the|a|one|your) [^.\n]{1,40}"
    rf"|(?:show|put|write|enclose|give|return|provide) [^.<\n]{{0,60}}{_TAGGED}(?: ?tags?)?"
)
_LEADS = (
    r"(?:(?:please|let's|let us|let’s|remember to|make sure (?:to|that)|be sure to|you (?:should"
    r"|must)|first|finally|and|then|also|now),? ){0,4}"
)
_HANS = (
    r"(?:请|让我们|请你)?(?:通过)?(?:一步一步|逐步|一步步|分步)地?(?:思考|推理|解答|作答|求解)[^。\n]{0,20}"
    rf"|(?:并|请|最后|最终|将|把|以|用|你的)[^。\n]{{0,60}}{_BOX}[^\n]{{0,100}}"
)
_CHAT = (
    r"<[|｜][^|｜<>\n]{1,40}[|｜]>\s*(?:user|assistant|system)?\s*|\[/?INST\]|</?(?:s|think|answer|question|problem)>"
)
_CHAT += r"|<(?:bos|eos|start_of_turn|end_of_turn)>\s*(?:user|model)?\s*|<<SYS>>[^<>]{0,600}<</SYS>>"
_CLOSE = r"\**(?:#{1,4} ?)?\**(?:answer|solution|response|assistant|a|output|答案|解答|解|答)\**\s*[:：]\s*\**"
_TAIL = re.compile(
    rf"(?:(?:^|(?<=[\s.,;:?!)\]}}$]))(?i:{_LEADS}(?:{_STEPS}|{_PUT}|{_STATED}))|(?:{_HANS})|(?:{_CHAT})"
    rf"|(?:(?<=[.?!。？:)])\s+|\n\s*|^)(?i:{_CLOSE}))\s*[.,;!:。，；]*\s*$"
)
_NOUN = r"(?:problem|question|exercise|puzzle|task|math|maths)s?"
_HOW = (
    r"(?: (?:efficiently and clearly|step[ -]by[ -]step|carefully|below|for me|correctly|with"
    r" detailed reasoning|and show (?:all )?your work))*"
)
_ABOUT = (
    r"(?:(?:challenging|hard|difficult|competition|contest|math|maths|mathematics|mathematical|word"
    r"|olympiad|reasoning) ){0,3}"
)
_OPEN = (
    r"a conversation between user and assistant\.(?s:.{0,1200}?)\buser:"
    r"|solve the following math problem efficiently and clearly:(?s:.{0,1200}?)\bproblem:|"
    rf"(?:solve|answer|consider|work on|read|do|try) (?:the following|this|these|the|following)"
    rf" {_ABOUT}{_NOUN}{_HOW}(?: (?:and|then)[^.:\n]{{0,80}})?\s*[.:]"
    rf"|(?:can|could|would) you (?:please )?(?:solve|answer|help)[^.:?\n]{{0,60}}{_NOUN}[^.:?\n]{{0,20}}[.:?]"
    rf"|(?:here|below|this) is (?:a|an|the|some) {_ABOUT}{_NOUN}[^.:\n]{{0,60}}[.:]"
    rf"|(?:given|for) the following {_ABOUT}{_NOUN},[^.:\n]{{0,80}}[.:]"
    r"|below is an instruction[^.\n]{0,80}\.(?: write a response[^.\n]{0,80}\.)?"
    r"|you are (?:a|an) [^.\n]{0,80}(?:assistant|expert|tutor|teacher|mathematician|solver)[^.\n]{0,80}\."
    r"|(?:#{1,4} ?)?\**(?:question|problem|instruction|user|human|q|input|问题|题目)\**\s*[:：]\**"
)
_HEAD = re.compile(
    rf"\s*(?:(?i:{_LEADS}(?:{_OPEN}|the last line of your response[^\n]{{0,200}}\n))|(?:{_CHAT})"
    rf"|(?i:{_LEADS}(?:{_STEPS}|{_PUT_BOXED})(?:,? ?{_LEADS}{_PUT_BOXED})?)\s*[.:!]"
    rf"|(?:{_HANS})[。.])\s*"
)


def unframed(text: str) -> str:
    """A question without prompt frames: "Solve the following problem.", "Question: … Answer:", requests to think step
    by step and to put the answer into a box, marks of chat templates.

    Only whole sentences at either end go, and never all of the text. A request for another form of the answer ("as a
    fraction") is the problem's own and stays. Returns the text unchanged where there is no frame.
    """
    start, stop = 0, len(text)
    while head := _HEAD.match(text, start, min(stop, start + _HEAD_REACH)):
        start = head.end()
    while tail := _TAIL.search(text, max(start, stop - _REACH), stop):
        stop = len(text[: tail.start()].rstrip())
    inner = text[start:stop].strip() if (start, stop) != (0, len(text)) else text
    return inner if len(inner) >= _LEFT else text
