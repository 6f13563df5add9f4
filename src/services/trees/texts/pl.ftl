### Zamiar usunięcia drzewa: stany, zdarzenia, terminy i przeszkody.

trees-stage-draft = wersja robocza
trees-stage-filed = zgłoszenie wpłynęło
trees-stage-kpa-defect = czeka na usunięcie braków
trees-stage-incomplete = czeka na uzupełnienie zgłoszenia
trees-stage-objection-due = nieuzupełnione, sprzeciw obowiązkowy
trees-stage-awaiting-inspection = czeka na oględziny
trees-stage-outcomes = po oględzinach
trees-stage-forwarded = przekazane innemu organowi
trees-stage-refused = odmowa wszczęcia
trees-stage-left-unexamined = pozostawione bez rozpoznania
trees-stage-withdrawn = wycofane

trees-tree-noticed = zgłoszone
trees-tree-inspected = po oględzinach
trees-tree-discontinued = postępowanie umorzone
trees-tree-certified = zaświadczenie wydane
trees-tree-silent-consent = milcząca zgoda
trees-tree-objected = sprzeciw
trees-tree-objection-final = sprzeciw ostateczny
trees-tree-no-objection = sprzeciw uchylony
trees-tree-removed = usunięte
trees-tree-expired = zgłoszenie straciło ważność
trees-tree-withdrawn = wycofane

trees-standing-draft = Wersja robocza
trees-standing-new = Nowe
trees-standing-kpa-defect = Czeka na usunięcie braków
trees-standing-incomplete = Czeka na uzupełnienie
trees-standing-supplement-lapsed = Minął termin uzupełnienia
trees-standing-objection-due = Sprzeciw obowiązkowy
trees-standing-awaiting-inspection = Czeka na oględziny
trees-standing-inspection-overdue = Oględziny po terminie
trees-standing-objection-term = Biegnie termin na sprzeciw
trees-standing-silence-to-note = Termin na sprzeciw minął, rejestr pism do zamknięcia
trees-standing-suspended = Zawieszone
trees-standing-answered = Załatwione
trees-standing-forwarded = Przekazane
trees-standing-refused = Odmowa wszczęcia
trees-standing-left-unexamined = Bez rozpoznania
trees-standing-withdrawn = Wycofane

trees-removal-allowed = Możesz usunąć to drzewo od { $since } do { $until }.
trees-removal-not-inspected = Jeszcze nie usuwaj tego drzewa. Urząd musi je najpierw obejrzeć.
trees-removal-term-running = Jeszcze nie usuwaj tego drzewa. Jeśli urząd nie wniesie sprzeciwu, będzie to możliwe najwcześniej { $from }.
trees-removal-suspended = Jeszcze nie usuwaj tego drzewa. Sprawa jest zawieszona i termin na sprzeciw nie biegnie.
trees-removal-register-open = Jeszcze nie usuwaj tego drzewa. Termin na sprzeciw minął, a urząd sprawdza, czy nic nie wysłał w ostatnim dniu.
trees-removal-objected = Nie usuwaj tego drzewa. Urząd wniósł sprzeciw.
trees-removal-expired = Nie usuwaj tego drzewa. Zgłoszenie straciło ważność { $on }. Zgłoś zamiar od nowa.
trees-removal-removed = Drzewo usunięto { $on }.
trees-removal-discontinued = Urząd umorzył postępowanie w sprawie tego drzewa. Powód jest w decyzji.
trees-removal-ended = Sprawa zakończyła się bez odpowiedzi w sprawie tego drzewa.
trees-species-note = Przed usunięciem sprawdź, czy na drzewie nie ma gniazd ani dziupli. Gniazd i schronień gatunków chronionych nie wolno niszczyć, niezależnie od tego zgłoszenia.

trees-ground-monument-register = nieruchomość w rejestrze zabytków
trees-ground-local-plan = zieleń chroniona w planie miejscowym
trees-ground-protected-area = obszar chroniony (park narodowy, rezerwat, park krajobrazowy, obszar chronionego krajobrazu, Natura 2000)
trees-ground-natural-monument = drzewo spełnia kryteria pomnika przyrody
trees-ground-permit-needed = drzewo wymaga zezwolenia
trees-ground-not-supplemented = zgłoszenie nie zostało uzupełnione

trees-channel-post = poczta (operator wyznaczony)
trees-channel-ade = e-Doręczenia
trees-channel-hybrid = publiczna usługa hybrydowa
trees-channel-by-hand = doręczenie przez pracownika urzędu
trees-channel-other-operator = inny operator
trees-channel-portal-account = konto w portalu

trees-track-element = brakuje elementu zgłoszenia (art. 83f ust. 9)
trees-track-formal = brak formalny (art. 64 § 2 KPA)
trees-suspension-mandatory = zawieszenie z urzędu (art. 97 KPA)
trees-suspension-on-request = zawieszenie na wniosek (art. 98 KPA)
trees-cause-under-threshold = pień nie przekracza progu
trees-cause-exempt = drzewo zwolnione ze zgłoszenia
trees-cause-gone = drzewa już nie ma
trees-finality-lapse = minął termin odwołania
trees-finality-waiver = strona zrzekła się odwołania
trees-finality-upheld = organ odwoławczy utrzymał sprzeciw

trees-check-ownership = Czy zgłaszający jest właścicielem (EGiB, księga wieczysta)
trees-check-monument-register = Czy nieruchomość jest w rejestrze zabytków
trees-check-local-plan = Czy plan miejscowy przeznacza teren na zieleń albo chroni go inaczej
trees-check-protected-area = Czy teren jest objęty formą ochrony przyrody
trees-check-natural-monument = Czy drzewo spełnia kryteria pomnika przyrody
trees-result-yes = tak
trees-result-no = nie
trees-result-unclear = nie udało się ustalić
trees-capacity-owner = właściciel
trees-capacity-coowner = współwłaściciel
trees-capacity-agent = pełnomocnik
trees-capacity-other = inna strona
trees-signature-signed = podpis jest
trees-signature-refused = odmowa podpisu
trees-signature-absent = nieobecność przy podpisywaniu

trees-clock-inspection = oględziny
trees-clock-supplement = uzupełnienie zgłoszenia
trees-clock-summons = usunięcie braków
trees-clock-obligatory-objection = sprzeciw obowiązkowy (cel wewnętrzny)
trees-clock-objection = sprzeciw
trees-clock-validity = ważność zgłoszenia
trees-clock-fee-watch = opłata przy budowie dla firmy
trees-clock-appeal = odwołanie
trees-clock-appeal-forward = przekazanie odwołania
trees-clock-running = biegnie
trees-clock-lapsed = minął
trees-clock-met = dotrzymany { $day }
trees-clock-interrupted = przerwany
trees-clock-frozen = zawieszony

trees-alarm = { $days ->
    [one] Został { $days } dzień
    [few] Zostały { $days } dni
   *[many] Zostało { $days } dni
} do terminu: { $clock }, { $due }.

trees-future-supplement = { $day }: ostatni dzień na uzupełnienie zgłoszenia.
trees-future-inspection-on = { $day }: oględziny.
trees-future-inspection-until = Do { $day }: oględziny.
trees-future-objection = Do { $day }: urząd może wnieść sprzeciw ({ $count ->
    [one] drzewo { $trees }
   *[other] drzewa { $trees }
}).
trees-future-may-remove = Od { $day }: możesz usunąć { $count ->
    [one] drzewo { $trees }
   *[other] drzewa { $trees }
}, jeśli nie będzie sprzeciwu i urząd to potwierdzi.
trees-future-remove-until = { $day }: ostatni dzień ważności zgłoszenia ({ $count ->
    [one] drzewo { $trees }
   *[other] drzewa { $trees }
}).
trees-future-appeal = Do { $day }: możesz się odwołać ({ $count ->
    [one] drzewo { $trees }
   *[other] drzewa { $trees }
}).
trees-future-fee-watch = Do { $day }: wniosek o pozwolenie na budowę dla firmy w tym miejscu oznacza opłatę za usunięte drzewo.

trees-done-submit = Zgłoszenie wpłynęło do urzędu.
trees-done-take = Pracownik urzędu przyjął sprawę.
trees-done-accept = Zgłoszenie jest kompletne. Urząd zawiadomił strony.
trees-done-call-element = Urząd postanowił, że zgłoszenie trzeba uzupełnić.
trees-done-call-formal = Urząd wezwał do usunięcia braków.
trees-done-call-served = Wezwanie zostało doręczone. Termin biegnie od następnego dnia.
trees-done-supplement = Uzupełnienie wpłynęło.
trees-done-note-lapse = Termin uzupełnienia minął.
trees-done-forward = Urząd przekazał zgłoszenie właściwemu organowi.
trees-done-refuse = Urząd odmówił wszczęcia sprawy.
trees-done-plan-inspection = Urząd wyznaczył dzień oględzin.
trees-done-inspect = Odbyły się oględziny.
trees-done-object = Urząd wniósł sprzeciw.
trees-done-objection-served = Sprzeciw został doręczony.
trees-done-appeal = Wpłynęło odwołanie.
trees-done-remand = Organ odwoławczy uchylił sprzeciw i zwrócił sprawę do urzędu.
trees-done-quash = Organ odwoławczy uchylił sprzeciw i zakończył sprawę.
trees-done-make-final = Sprzeciw stał się ostateczny.
trees-done-certify = Urząd wydał zaświadczenie, że nie ma podstaw do sprzeciwu.
trees-done-note-silence = Termin minął bez sprzeciwu. Sprawa została załatwiona milcząco.
trees-done-discontinue = Urząd umorzył postępowanie.
trees-done-suspend = Urząd zawiesił postępowanie.
trees-done-resume = Urząd podjął postępowanie.
trees-done-withdraw = Zgłoszenie zostało wycofane.
trees-done-report-removal = Zgłoszono, że drzewo zostało usunięte.
trees-done-note-expiry = Zgłoszenie straciło ważność.
trees-done-check = Urząd sprawdził coś w rejestrze.
trees-done-add-party = Urząd wpisał stronę postępowania.
trees-done-strike-party = Urząd skreślił stronę postępowania.
trees-done-photo = Urząd dodał zdjęcie z oględzin.

trees-caution-post = List nadany w ostatnim dniu może być jeszcze w drodze. Odczekaj kilka dni, zanim pójdziesz dalej.
trees-caution-inspection-late = Oględziny po ustawowym terminie. Nie ma z tego milczącej zgody, ale strona może wnieść ponaglenie.
trees-caution-inspection-unplanned = Na ten dzień nie zaplanowano oględzin. Sprawdź, czy strony były zawiadomione.
trees-caution-notice-tight = Odstęp od zawiadomienia jest dokładnie taki, jakiego wymaga ustawa. Bezpieczniej jest dzień później.
trees-caution-notice-short = Strona dowiedziała się o oględzinach za późno. Opisz to w protokole.
trees-caution-dispatch-doubt = Data nadania jest wątpliwa. Zapisano, kto przyjął to ryzyko.
trees-caution-hybrid = Przy usłudze hybrydowej liczy się dzień przejęcia dokumentu przez operatora. Zachowaj dowód.
trees-caution-conservator = Nieruchomość w rejestrze zabytków należy do wojewódzkiego konserwatora zabytków. Sprawdź właściwość.
trees-caution-unchecked = W sprawie nie ma wpisanego sprawdzenia tej podstawy sprzeciwu. Wpisz je, zanim ktoś o nie zapyta w odwołaniu.
trees-caution-check-disagrees = Ostatnie sprawdzenie nie potwierdza tej podstawy sprzeciwu. Wyjaśnij to w uzasadnieniu.
trees-caution-notify-parties = O wszczęciu i o oględzinach zawiadom wszystkie strony. Lista jest w części „Strony”.
trees-caution-fee = Nie ma dowodu opłaty za zaświadczenie na wniosek.
trees-caution-appeal-late = Odwołanie po terminie. Rozstrzyga o tym organ odwoławczy, więc przekaż je.
trees-caution-validity-over = Zgłoszenie straciło ważność. Powiedz stronie, że potrzebne jest nowe.
trees-caution-inspection-due = Tego drzewa nikt nie obejrzał. Teraz trzeba przeprowadzić oględziny.
trees-caution-other-parties = Sprawdź, czy inne strony (współwłaściciele) nie sprzeciwiają się umorzeniu.
trees-caution-species = Dołącz informację o gniazdach i gatunkach chronionych.

trees-refusal-wrong-ruleset = Ta sprawa toczy się według innych przepisów.
trees-advice-wrong-ruleset = Użyj przepisów z dnia doręczenia zgłoszenia.
trees-refusal-not-submitted = Zgłoszenie nie zostało jeszcze wysłane.
trees-advice-not-submitted = Najpierw wyślij zgłoszenie.
trees-refusal-already-submitted = To zgłoszenie już wpłynęło.
trees-advice-already-submitted = Otwórz istniejącą sprawę.
trees-refusal-case-ended = Ta sprawa jest zakończona.
trees-advice-case-ended = Jeśli pojawiło się coś nowego, załóż nową sprawę.
trees-refusal-suspended = Postępowanie jest zawieszone.
trees-advice-suspended = Najpierw podejmij postępowanie.
trees-refusal-not-suspended = Postępowanie nie jest zawieszone.
trees-advice-not-suspended = Nie trzeba nic robić.
trees-refusal-call-pending = W sprawie jest już postanowienie albo wezwanie do uzupełnienia.
trees-advice-call-pending = Zaczekaj na uzupełnienie albo na koniec terminu.
trees-refusal-no-call = W sprawie nie ma wezwania, na które by to odpowiadało.
trees-advice-no-call = Najpierw wydaj i doręcz postanowienie albo wezwanie.
trees-refusal-wrong-stage = Na tym etapie sprawy nie można tego zrobić.
trees-advice-wrong-stage = Sprawdź na osi czasu, jaki krok jest następny.
trees-refusal-no-trees = Nie wskazano żadnego drzewa.
trees-advice-no-trees = Wybierz co najmniej jedno drzewo.
trees-refusal-unknown-tree = W tej sprawie nie ma drzewa { $tree }.
trees-advice-unknown-tree = Wybierz drzewo z listy w sprawie.
trees-refusal-repeated-tree = Drzewo { $tree } wskazano dwa razy.
trees-advice-repeated-tree = Zostaw je na liście raz.
trees-refusal-already-inspected = Drzewo { $tree } jest już po oględzinach.
trees-advice-already-inspected = Po oględzinach rozstrzygnij: sprzeciw, zaświadczenie albo umorzenie.
trees-refusal-not-inspected = Drzewa { $tree } nikt jeszcze nie obejrzał.
trees-advice-not-inspected = Najpierw przeprowadź oględziny i spisz protokół.
trees-refusal-already-certified = Dla drzewa { $tree } wydano zaświadczenie. Wyklucza ono sprzeciw.
trees-advice-already-certified = Nic więcej nie można tu rozstrzygnąć.
trees-refusal-already-objected = Co do drzewa { $tree } urząd wniósł sprzeciw.
trees-advice-already-objected = Zmienić to może tylko organ odwoławczy.
trees-refusal-consent-arisen = Co do drzewa { $tree } zaszła milcząca zgoda. Wiąże ona urząd.
trees-advice-consent-arisen = Zostały tylko tryby nadzwyczajne. Porozmawiaj z radcą prawnym.
trees-refusal-tree-settled = Co do drzewa { $tree } nie ma już czego rozstrzygać.
trees-advice-tree-settled = Sprawdź na osi czasu, jak sprawa drzewa się skończyła.
trees-refusal-nothing-open = W tej sprawie wszystkie drzewa mają już odpowiedź.
trees-advice-nothing-open = Sprawdź na osi czasu, jak sprawa się skończyła.
trees-refusal-not-objected = Co do drzewa { $tree } nie ma sprzeciwu.
trees-advice-not-objected = Wybierz drzewo, którego sprzeciw dotyczy.
trees-refusal-not-appealed = Od sprzeciwu co do drzewa { $tree } nie wpłynęło odwołanie.
trees-advice-not-appealed = Najpierw zapisz odwołanie.
trees-refusal-appeal-pending = Odwołanie co do drzewa { $tree } wpłynęło { $day }.
trees-advice-appeal-pending = Zaczekaj na rozstrzygnięcie organu odwoławczego.
trees-refusal-not-served = Sprzeciw co do drzewa { $tree } nie został jeszcze doręczony.
trees-advice-not-served = Najpierw zapisz dzień doręczenia.
trees-refusal-unknown-party = W tej sprawie nie ma takiej strony.
trees-advice-unknown-party = Wybierz stronę z listy w sprawie.
trees-refusal-party-known = Ta osoba jest już stroną w tym charakterze.
trees-advice-party-known = Jeśli adres się zmienił, wpisz nowy i skreśl poprzedni wpis.
trees-refusal-date-in-future = Ta data jest w przyszłości. Dziś jest { $day }.
trees-advice-date-in-future = Wpisz dzień, w którym to się naprawdę stało.
trees-refusal-date-before-cause = Ta data jest za wczesna. Najwcześniej może to być { $day }.
trees-advice-date-before-cause = Sprawdź datę: nie może być wcześniejsza od zdarzenia, z którego wynika.
trees-refusal-nothing-named = Brakuje opisu albo powodu.
trees-advice-nothing-named = Napisz, czego brakuje, dokąd przekazać albo jaki jest powód.
trees-refusal-protocol-missing = Brakuje protokołu oględzin.
trees-advice-protocol-missing = Dołącz podpisany protokół. Jest obowiązkowy.
trees-refusal-finding-incomplete = Ustalenia z oględzin są niepełne.
trees-advice-finding-incomplete = Podaj miejsce, obecnych i ich rolę, a dla każdego drzewa gatunek i obwód każdego pnia 5 cm nad ziemią.
trees-refusal-signature-unexplained = Nie podano, dlaczego ktoś z obecnych nie podpisał protokołu.
trees-advice-signature-unexplained = Odmowę i brak podpisu trzeba omówić w protokole (KPA art. 68 § 2). Wpisz powód.
trees-refusal-check-incomplete = Sprawdzenie jest niepełne.
trees-advice-check-incomplete = Napisz, co ustalono i skąd. Przy planie miejscowym podaj też symbol terenu i paragraf.
trees-refusal-party-incomplete = Brakuje nazwy strony albo tego, kim jest w sprawie.
trees-advice-party-incomplete = Podaj imię i nazwisko, a przy innej stronie napisz, dlaczego sprawa jej dotyczy.
trees-refusal-notice-too-short = Strona musi dowiedzieć się o oględzinach odpowiednio wcześniej. Najwcześniejszy możliwy dzień to { $day }.
trees-advice-notice-too-short = Wybierz późniejszy dzień.
trees-refusal-ground-does-not-fit = Ta podstawa sprzeciwu nie pasuje do etapu sprawy.
trees-advice-ground-does-not-fit = Brak uzupełnienia jest podstawą tylko wtedy, gdy minął termin z postanowienia. Pozostałe podstawy wymagają oględzin.
trees-refusal-channel-does-not-count = Nadanie tą drogą nie liczy się jako dzień wniesienia sprzeciwu.
trees-advice-channel-does-not-count = Nadaj decyzję na poczcie, przez e-Doręczenia albo doręcz przez pracownika.
trees-refusal-dispatch-before-signature = Decyzja nie mogła wyjść przed podpisaniem ({ $day }).
trees-advice-dispatch-before-signature = Sprawdź datę podpisu i datę nadania.
trees-refusal-evidence-missing = Brakuje dowodu nadania.
trees-advice-evidence-missing = Podaj pozycję książki nadawczej albo numer dowodu z e-Doręczeń.
trees-refusal-signatory-missing = Nie podano, kto podpisał decyzję.
trees-advice-signatory-missing = Podaj wójta albo upoważnionego pracownika.
trees-refusal-cause-does-not-fit = Powód umorzenia nie zgadza się z protokołem co do drzewa { $tree }.
trees-advice-cause-does-not-fit = Wybierz powód, który wynika z oględzin.
trees-refusal-list-full = W tej sprawie nie zmieści się więcej takich wpisów.
trees-advice-list-full = Zbierz kolejne ustalenia w jednym piśmie i dodaj je jako plik.
trees-refusal-objection-too-late = Termin na sprzeciw co do drzewa { $tree } minął { $day }. Liczy się dzień nadania, nie podpisu.
trees-advice-objection-too-late = Nie wysyłaj sprzeciwu. Zaszła milcząca zgoda: zamknij rejestr pism i zapisz adnotację.
trees-refusal-objection-in-doubt = Pewny termin nadania sprzeciwu co do drzewa { $tree } minął { $day }. Potem jest wątpliwe, czy sprzeciw jest w terminie.
trees-advice-objection-in-doubt = Porozmawiaj z radcą prawnym. Jeśli sprzeciw ma zostać zapisany, podaj, kto i dlaczego przyjął to ryzyko.
trees-refusal-certificate-too-late = Termin na sprzeciw co do drzewa { $tree } minął { $day }. Zaświadczenie można wydać tylko wcześniej.
trees-advice-certificate-too-late = Strona może dostać zaświadczenie o milczącym załatwieniu sprawy.
trees-refusal-supplement-too-late = Termin uzupełnienia minął { $day }.
trees-advice-supplement-too-late = Strona może prosić o przywrócenie terminu (art. 58 KPA).
trees-refusal-term-lapsed = Termin na sprzeciw co do drzewa { $tree } minął { $day }.
trees-advice-term-lapsed = Najpierw zamknij rejestr pism i zapisz milczącą zgodę.
trees-refusal-term-not-over = Termin jeszcze biegnie, do { $day } włącznie.
trees-advice-term-not-over = Zaczekaj do następnego dnia po terminie.
trees-refusal-register-open = Rejestr pism wychodzących nie jest zamknięty za { $day }.
trees-advice-register-open = Sprawdź, co wyszło w ostatnim dniu terminu, i zamknij rejestr.
trees-refusal-removal-not-allowed = Drzewa { $tree } nie wolno było usunąć w tym dniu.
trees-advice-removal-not-allowed = Zapisz to jako notatkę w sprawie. Za usunięcie bez prawa grozi kara pieniężna.
trees-refusal-removal-expired = Prawo do usunięcia drzewa { $tree } wygasło { $day }.
trees-advice-removal-expired = Potrzebne jest nowe zgłoszenie.
