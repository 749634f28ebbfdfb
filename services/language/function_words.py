"""The small words of a language, which hold its sentences together: one list per language, used by all.

They tell which language a text is in, and they tell nothing about what it says. Words that languages share stand in
each of their lists, so that none of them can win by a word that proves nothing.
"""

from collections.abc import Iterable

_TEXTS = {
    "da": """
        af at da de den der det du efter eller en er et for fra får hvad hvor hvordan hvorfor hvornår i ikke jeg kan man
        med men min mit noget når og om op på skal som til var ved vi være
    """,
    "de": """
        als am an auf aus bei bin da damit das dass dem den der des die doch durch ein eine einem einen einer es für
        gibt habe haben hat ich im in ist kann kein keine können man mein meine meinen mich mir mit muss nach nicht noch
        nur ob oder ohne sich sie sind so soll um und von warum was welche wenn werden wie wir wird wo zu zum zur über
    """,
    "en": """
        a about above after again against all also am an and any anyone are as at be because been before being below
        between both but by can cannot could did do does doesn doing don don't down during each every few for from
        further get gets getting got had has hasn have having he her hers him his how however i i'm if in into is isn it
        it's its itself just ll many may maybe me might more most much must my myself no nor not now of off on once one
        only or other our out over own same should so some something still such than that the their them then there
        there's these they this those through to too under until up us ve very was we were what what's when where which
        while who why will with without won would you your yours
    """,
    "es": """
        a al como con cuando cuál cuándo cómo de del desde donde dónde e el en entre es esta este está hace hago hay la
        las lo los me mi mis más no o para pero por porque puede puedo que qué se si sin sobre son su tengo un una y
    """,
    "fi": """
        ei en että ja jos kuinka kun miksi mikä minun minä missä miten mitä mutta myös ne niin ole on onko ovat se tai
        tämä voi voiko voinko
    """,
    "fr": """
        a ai au aux avec ce ces cette comment d dans de des du elle en est et il j je l la le les leur ma mais mes mon n
        ne nous on ont ou où par pas peut peux plus pour pourquoi puis qu quand que quel quelle quelles quels qui quoi s
        sa sans se ses son sont sur un une vous y à être
    """,
    "hu": """
        a az be csak de egy el ez ha hogy hogyan hol is kell ki lehet meg mert mi mikor milyen mit miért nem nincs vagy
        van és
    """,
    "it": """
        a ad ai al alla anche che chi come con cosa da dal dei del della di dove e gli ho i il in la le lo ma mi mia mio
        nei nel nella no non o per perché più posso può quale quando se senza si sono su un una uno è
    """,
    "nl": """
        aan als bij dan dat de die dit door een en er geen had heb heeft het hij hoe ik in is je kan krijg maar me met
        mijn na naar niet of om onder ook op over te tot uit van voor waar waarom wanneer was wat we wel welke wordt
        zijn zonder
    """,
    "no": """
        at av da de den der det du eller en er et etter for fra får hva hvor hvordan hvorfor i ikke jeg kan man med men
        min mitt noe når og om opp på skal som til var ved vi være
    """,
    "pl": """
        aby ale co czy dla dlaczego do gdzie i ile ja jak jaki jakie jest kiedy mogę moja można mój na nie o od po przez
        się są to w z za że
    """,
    "pt": """
        a ao aos as com como da das de do dos e ela ele em essa esse está eu fazer faço foi há isso mais mas me meu
        minha na nas no nos não o onde os ou para pela pelo por porque posso quais qual quando que quê se sem sobre são
        tem um uma à é
    """,
    "ro": """
        a ai am are ca care ce cu cum când cât dacă de din e este eu fi fără la mai mea meu nu o pe pentru pot sau se si
        sunt să un unde în și
    """,
    "sv": """
        att av de den det du efter eller en ett finns från får för går hur i inte jag kan man med men min mina mitt när
        och om på sig ska som tar till vad var varför vi vid är
    """,
    "tr": """
        ama bir bu da daha de değil en gibi hangi ile için kadar ki mi mu mü mı nasıl ne neden nedir nerede olarak var
        ve veya ya yok
    """,
}
LANGUAGES = tuple(_TEXTS)
"""Codes of the languages whose small words we know, all of them in Latin letters."""
FUNCTION_WORDS = {code: frozenset(text.split()) for code, text in _TEXTS.items()}


def function_words(languages: Iterable[str]) -> frozenset[str]:
    """The small words of several languages together."""
    return frozenset().union(*(FUNCTION_WORDS[code] for code in languages))
