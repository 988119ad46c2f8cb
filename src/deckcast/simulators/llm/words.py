"""What the simulated model says in each language: sentences without figures around a slide's own words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Sentences of one language. `openings` and `closings` take {title}, which stands first or last so that no two
    slides sound alike; `points` take {point}; `more` fill up. `joint` stands between sentences, `stop` ends one."""

    openings: tuple[str, ...]
    closings: tuple[str, ...]
    points: tuple[str, ...]
    more: tuple[str, ...]
    repeated: str
    joint: str = " "
    stop: str = "."


SPOKEN = {
    "en": Words(
        ("{title}: this is what we look at now.", "{title} comes next.", "{title}, one step further."),
        ("So much for {title}.", "That is the gist of {title}.", "This was {title}."),
        ("What matters first is this: {point}.", "Then there is this: {point}.", "And also: {point}."),
        (
            "It is worth taking a moment to see what stands behind that.",
            "Everybody in this room has met this question in their own work.",
            "That is why the team has looked at it closely and more than once.",
            "Keep this in mind, because we will come back to it later.",
        ),
        "As we all know, the world is changing fast.",
    ),
    "de": Words(
        (
            "{title}: das sehen wir uns jetzt an.",
            "{title} kommt als Nächstes.",
            "{title}, ein Schritt weiter.",
        ),
        ("So weit zum Thema {title}.", "Das war der Kern von {title}.", "Das war also {title}."),
        ("Das Wichtigste zuerst: {point}.", "Dazu kommt noch etwas: {point}.", "Und außerdem: {point}."),
        (
            "Es lohnt sich, einen Augenblick zu überlegen, was dahinter steht.",
            "Diese Frage kennen alle hier im Raum aus der eigenen Arbeit.",
            "Deshalb haben wir sehr genau hingesehen, und das mehr als einmal.",
            "Behalten Sie das bitte im Kopf, denn wir kommen später darauf zurück.",
        ),
        "Wie wir alle wissen, ändert sich die Welt sehr schnell.",
    ),
    "fr": Words(
        (
            "{title} : voilà ce que nous regardons maintenant.",
            "{title}, c'est la suite.",
            "{title}, un pas plus loin.",
        ),
        ("Voilà pour {title}.", "C'est l'essentiel de {title}.", "C'était donc {title}."),
        ("Voici d'abord l'essentiel : {point}.", "À cela s'ajoute ceci : {point}.", "Et encore : {point}."),
        (
            "Prenons un instant pour voir ce qui se cache derrière cela.",
            "Chacun dans cette salle a déjà rencontré cette question dans son travail.",
            "C'est pourquoi l'équipe l'a regardée de très près et plus d'une fois.",
        ),
        "Comme nous le savons tous, le monde change très vite.",
    ),
    "es": Words(
        ("{title}: esto es lo que vemos ahora.", "{title} es lo siguiente.", "{title}, un paso más allá."),
        ("Hasta aquí {title}.", "Eso es lo esencial de {title}.", "Esto ha sido {title}."),
        (
            "Lo más importante es esto: {point}.",
            "A eso se añade lo siguiente: {point}.",
            "Y también: {point}.",
        ),
        (
            "Vale la pena detenerse un momento a ver qué hay detrás de todo esto.",
            "Todos en esta sala han encontrado esta pregunta en su propio trabajo.",
            "Por eso el equipo lo ha mirado muy de cerca y más de una vez.",
        ),
        "Como todos sabemos, el mundo cambia muy deprisa.",
    ),
    "it": Words(
        (
            "{title}: ecco che cosa guardiamo adesso.",
            "{title} è il prossimo punto.",
            "{title}, un passo più avanti.",
        ),
        ("Fin qui {title}.", "Questo è il cuore di {title}.", "Questo era dunque {title}."),
        ("La cosa più importante è questa: {point}.", "Poi c'è questo: {point}.", "E inoltre: {point}."),
        (
            "Vale la pena fermarsi un momento per capire che cosa c'è dietro.",
            "Tutti in questa sala hanno già incontrato la questione nel proprio lavoro.",
            "Per questo il gruppo l'ha guardata molto da vicino e più di una volta.",
        ),
        "Come tutti sappiamo, il mondo sta cambiando molto in fretta.",
    ),
    "pt": Words(
        ("{title}: é isto que vemos agora.", "{title} é o que se segue.", "{title}, um passo mais à frente."),
        ("E assim fica {title}.", "É este o essencial de {title}.", "Isto foi {title}."),
        ("O mais importante é isto: {point}.", "Depois há também isto: {point}.", "E ainda: {point}."),
        (
            "Vale a pena parar um momento para ver o que está por trás disto.",
            "Todos nesta sala já encontraram esta questão no seu próprio trabalho.",
            "Por isso a equipa olhou para ela com muita atenção e mais de uma vez.",
        ),
        "Como todos sabemos, o mundo está a mudar muito depressa.",
    ),
    "nl": Words(
        ("{title}: daar kijken we nu naar.", "{title} is het volgende.", "{title}, een stap verder."),
        ("Tot zover {title}.", "Dat is de kern van {title}.", "Dit was dus {title}."),
        ("Het belangrijkste eerst: {point}.", "Daar komt dit nog bij: {point}.", "En ook: {point}."),
        (
            "Het is de moeite waard om even te kijken wat daarachter zit.",
            "Iedereen in deze zaal is deze vraag in het eigen werk al tegengekomen.",
            "Daarom heeft het team er heel goed en meer dan één keer naar gekeken.",
        ),
        "Zoals we allemaal weten, verandert de wereld heel snel.",
    ),
    "ru": Words(
        ("{title}: вот о чём мы сейчас говорим.", "{title} идёт дальше.", "{title}, ещё один шаг вперёд."),
        ("Вот и всё о теме {title}.", "В этом суть темы {title}.", "Это была тема {title}."),
        ("Самое важное вот что: {point}.", "К этому добавляется следующее: {point}.", "И ещё: {point}."),
        (
            "Стоит на минуту остановиться и посмотреть, что за этим стоит.",
            "Каждый в этом зале уже встречал этот вопрос в своей работе.",
            "Поэтому наша группа очень внимательно и не раз его изучила.",
        ),
        "Как все мы знаем, мир меняется очень быстро.",
    ),
    "ja": Words(
        ("{title}、これを見ていきましょう。", "{title}が次の話題です。", "{title}へ進みます。"),
        ("以上が{title}です。", "これが要点です：{title}。", "ここまでが{title}でした。"),
        ("最も大切なのはこれです：{point}。", "さらにこれもあります：{point}。", "そして：{point}。"),
        (
            "その背後に何があるのかを少し考えてみる価値があります。",
            "ここにいる皆さんも仕事の中でこの問いに出会ったことがあるでしょう。",
            "だからこそチームは何度も丁寧に調べてきました。",
        ),
        "ご存じのとおり、世界はとても速く変わっています。",
        joint="",
        stop="。",
    ),
    "he": Words(
        ("{title}: זה מה שנראה עכשיו.", "{title} הוא הנושא הבא.", "{title}, צעד אחד קדימה."),
        ("עד כאן {title}.", "זה העיקר של {title}.", "זה היה {title}."),
        ("הדבר החשוב ביותר הוא זה: {point}.", "ויש גם את זה: {point}.", "וגם: {point}."),
        (
            "כדאי לעצור לרגע ולראות מה עומד מאחורי הדברים.",
            "כל מי שנמצא באולם הזה כבר פגש את השאלה הזאת בעבודה שלו.",
            "לכן הצוות בחן אותה מקרוב ויותר מפעם אחת.",
        ),
        "כפי שכולנו יודעים, העולם משתנה מהר מאוד.",
    ),
    "zh": Words(
        ("{title}：这就是我们现在要看的。", "{title}是下一个话题。", "{title}，我们再往前走一步。"),
        ("以上就是{title}。", "这就是重点：{title}。", "我们讲完了{title}。"),
        ("首先最重要的是：{point}。", "然后还有一点：{point}。", "另外：{point}。"),
        (
            "值得花一点时间想一想这背后的原因。",
            "在座的各位在自己的工作中都遇到过这个问题。",
            "所以我们的团队非常仔细地研究过它。",
        ),
        "众所周知，世界正在快速变化。",
        joint="",
        stop="。",
    ),
    "ar": Words(
        ("{title}: هذا ما ننظر إليه الآن.", "{title} هو التالي.", "{title}، خطوة أخرى إلى الأمام."),
        ("هذا كل شيء عن {title}.", "هذا هو جوهر {title}.", "كان هذا إذن {title}."),
        ("الأمر الأهم أولاً هو: {point}.", "ثم هناك أيضاً: {point}.", "وكذلك: {point}."),
        (
            "من المفيد أن نتوقف لحظة لنرى ما وراء ذلك.",
            "كل من في هذه القاعة واجه هذا السؤال في عمله.",
            "لذلك درس الفريق هذا الموضوع عن قرب أكثر من مرة.",
        ),
        "كما نعلم جميعاً، العالم يتغير بسرعة كبيرة.",
    ),
}


def words_of(language: str) -> Words:
    """The sentences of a BCP 47 tag; English where the language is not spoken here."""
    return SPOKEN.get(language.lower().split("-")[0], SPOKEN["en"])


def other_than(language: str) -> Words:
    """Sentences of a language that was not asked for."""
    return SPOKEN["de" if words_of(language) is SPOKEN["en"] else "en"]
