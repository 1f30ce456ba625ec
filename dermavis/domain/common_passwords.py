"""Words that passwords are most often made of: written by hand for French carers, no list of anybody's leak."""

_WORDS = """
    admin administrateur administrator azerty azertyuiop azertyuiopqsdfghjklm qwerty qwertyuiop qwertz wxcvbn
    qsdfgh qsdfghjklm asdfgh asdfghjkl zxcvbn password passwort passe motdepasse monmotdepasse mdp mot pass login
    welcome bienvenue bonjour bonsoir salut coucou hello secret secrets sesame ouvretoi letmein iloveyou jetaime
    jtaime amour mamour toujours soleil lune etoile chocolat doudou loulou nounours bisous bisounours chouchou
    princesse prince dragon monkey sunshine shadow master superman batman pokemon starwars football footballeur
    marseille olympique paris lyon dijon chalon macon besancon nantes bordeaux toulouse bretagne bourgogne france
    francais liberte egalite fraternite maison famille enfant enfants maman papa mamie papi cheval chien chat
    minou caramel vanille cerise fraise framboise camille nicolas thomas julien alexandre sebastien stephane
    isabelle nathalie catherine philippe christophe caroline charlotte juliette antoine vincent laurent pierre
    jean marie michel sophie julie celine valerie sandrine printemps automne hiver ete vacances samedi dimanche
    lundi mardi mercredi jeudi vendredi janvier fevrier mars avril mai juin juillet aout septembre octobre novembre
    decembre docteur medecin medecine infirmier infirmiere sante hopital clinique cabinet patient patients chu
    dermato dermatologue dermatologie dermavis peau avis expert secretaire secretariat pharmacie ordinateur
    telephone iphone samsung google facebook microsoft windows internet wifi orange test testtest demo essai
    demonstration temporaire provisoire changer changeme default user utilisateur root invite compte abc abcd abcde
    abcdef abcdefgh abcdefghijkl abcdefghijklmnopqrstuvwxyz correcthorsebatterystaple trustno nothing whatever
"""

COMMON_WORDS: frozenset[str] = frozenset(_WORDS.split())

LEET: dict[int, int] = str.maketrans("0134578@$€!", "oieastbasei")
"""Signs that stand for letters: ``m0td3p@$$3``."""
