erasure-title = Usuwanie danych
erasure-lead = Tu usuwasz dane, których urząd nie może już trzymać. Usuwamy zawsze całą teczkę: sprawę, konto albo kod ze wszystkim, co do nich należy. Zgodę dają dwie osoby, każda swoim kluczem.
erasure-proposed = Czeka na zgodę
erasure-none-proposed = Nic nie czeka na zgodę.
erasure-ordered = W toku
erasure-ordered-what = Te teczki mają już dwie zgody. System usuwa je sam, zwykle w kilka sekund.
erasure-over = Minął czas przechowywania
erasure-none-over = Nie ma teczek, którym minął czas.
erasure-over-caption = Trzymamy { $years }, kategoria { $category }
erasure-no-term = Nie ustawiono, jak długo urząd trzyma takie teczki, więc nie da się ich tu pokazać.
erasure-done = Usunięte
erasure-none-done = Niczego jeszcze nie usunięto.
erasure-withdrawn = Wycofane wnioski
erasure-newest = Najnowsze na początku
erasure-other = Inna teczka
erasure-other-what = Gdy ktoś prosi o usunięcie swoich danych albo nakazał je sąd lub organ nadzorczy, wskaż teczkę sam.
erasure-other-go = Pokaż teczkę
erasure-field-file = Adres strony sprawy albo identyfikator
    .hint = Otwórz sprawę lub konto mieszkańca i skopiuj adres z górnego paska przeglądarki.
erasure-field-held = Adres strony sprawy albo identyfikator
    .hint = Otwórz sprawę lub konto mieszkańca i skopiuj adres z górnego paska przeglądarki. Wstrzymane konto wstrzymuje też wszystkie sprawy tej osoby.

erasure-heads-accounts = Konta mieszkańców
erasure-heads-codes = Kody i zaproszenia
erasure-class-case = Sprawa
erasure-class-account = Konto mieszkańca
erasure-class-code = Kod
erasure-month = { $month ->
    [m1] styczeń
    [m2] luty
    [m3] marzec
    [m4] kwiecień
    [m5] maj
    [m6] czerwiec
    [m7] lipiec
    [m8] sierpień
    [m9] wrzesień
    [m10] październik
    [m11] listopad
   *[m12] grudzień
} { $year }

erasure-column-file = Teczka
erasure-column-class = Rodzaj
erasure-column-ground = Dlaczego
erasure-column-counts = Ile tego jest
erasure-column-day = Kiedy
erasure-column-agreed = Zgody
erasure-column-ended = Zakończona
erasure-column-standing = Stan
erasure-column-sort = Rodzaj teczek
erasure-label = Numer
erasure-span = Wpisy z miesięcy
erasure-not-over = Jeszcze trwa
erasure-agreed = { $n } z 2
erasure-entries = { $n ->
    [one] { $n } wpis
    [few] { $n } wpisy
   *[many] { $n } wpisów
}
erasure-bodies = { $n ->
    [one] { $n } treść
    [few] { $n } treści
   *[many] { $n } treści
}
erasure-blobs = w tym { $n ->
    [one] { $n } plik
    [few] { $n } pliki
   *[many] { $n } plików
}
erasure-years = { $n ->
    [0] do końca roku
    [one] { $n } rok
    [few] { $n } lata
   *[many] { $n } lat
}
erasure-is-held = Wstrzymana
erasure-is-proposed = Czeka na zgodę
erasure-is-ordered = W toku
erasure-is-free = Można zaproponować

erasure-ground = Dlaczego dane mają zniknąć
erasure-why = Powód
erasure-ground-term = Minął czas przechowywania
erasure-ground-term-what = Urząd trzymał teczkę tak długo, jak każe wykaz akt.
erasure-ground-request = Prośba osoby, której to dane
erasure-ground-request-what = Osoba poprosiła o usunięcie swoich danych (art. 17 RODO). Dotyczy kont i kodów, nie spraw.
erasure-ground-ruling = Nakaz sądu albo organu nadzorczego
erasure-ground-ruling-what = Na przykład nakaz Prezesa UODO (art. 58 ust. 2 lit. g RODO).
erasure-new = Teczka: { $file }
erasure-new-what = Sprawdź, czy to ta teczka, i wskaż, dlaczego ma zniknąć.
erasure-partial = Ta teczka jest bardzo duża. Najpierw zniknie jej najstarsza część, potem zaproponuj usunięcie reszty.
erasure-basis = Podstawa prawna
    .hint = Przepis albo sygnatura i data pisma. Bez nazwisk, numerów PESEL i innych danych osób, bo ten tekst zostaje na zawsze.
erasure-consent = Zgoda archiwum państwowego
    .hint = Znak i data pisma. Potrzebna, gdy minął czas przechowywania sprawy. Przy innym powodzie zostaw puste.
erasure-propose = Zaproponuj usunięcie
erasure-propose-next = Teraz nic jeszcze nie zniknie. Propozycję muszą przyjąć dwie osoby.
erasure-not-on = Czego teraz nie można wskazać
erasure-see-proposal = Zobacz, na czym stoi
erasure-see-file = Zobacz teczkę
erasure-hold-this = Wstrzymaj usunięcie tej teczki

erasure-of = Usunięcie: { $file }
erasure-is-waiting = Ta teczka czeka na zgodę. Nic jeszcze nie zniknęło.
erasure-under-way-now = Usuwanie trwa. Zwykle kończy się po kilku sekundach. Nie trzeba tu czekać: dokończymy je także po ponownym uruchomieniu serwera.
erasure-reload = Odśwież
erasure-is-done = Dane usunięte.
erasure-is-withdrawn = Propozycję wycofano. Niczego nie usunięto.
erasure-event-proposed = Propozycja
erasure-event-first = Pierwsza zgoda
erasure-event-second = Druga zgoda i zlecenie
erasure-event-done = Usunięcie
erasure-event-withdrawn = Wycofanie
erasure-goes = Co zniknie
erasure-goes-texts = Treść wszystkich wpisów tej teczki i wszystkie jej pliki, we wszystkich wersjach.
erasure-goes-lists = To, co z nich widać na listach i w wyszukiwaniu.
erasure-goes-account = Wersje robocze i sesje tej osoby.
erasure-stays = Co zostanie
erasure-stays-trace = Ślad bez danych osób: że wpis był, kiedy, jakiego rodzaju i kto z pracowników go zrobił pod pseudonimem, a przy sprawie jej numer. Bez niego nie dałoby się wykazać, że dziennika nikt nie zmienił.
erasure-stays-proofs = Potwierdzenia, które ludzie już mają. Działają dalej, a plik u mieszkańca zachowuje to, co w nim było.
erasure-stays-copies = Kopie katalogu danych, które ktoś zrobił ręcznie: mają dawną treść, dopóki się ich nie zniszczy. Samoczynnych kopii zapasowych w tej wersji nie ma. Gdy powstaną, zachowają treść najwyżej 35 dni.
erasure-approve-title = Zgoda
erasure-approve-first = Wyraź zgodę kluczem
erasure-approve-first-what = To pierwsza z dwóch zgód. Nic jeszcze nie zniknie, a propozycję można wycofać.
erasure-approve-second = Zleć usunięcie kluczem
erasure-approve-second-what = To druga zgoda. Po niej dane znikną i nie da się tego cofnąć.
erasure-approve-who = Zgodę dają dwie różne osoby, w tym co najmniej jeden administrator. Propozycję może przyjąć także ten, kto ją złożył.
erasure-approve-noscript = Bez skryptu nie da się użyć klucza, a samo zalogowanie tu nie wystarczy. Włącz JavaScript i otwórz tę stronę jeszcze raz.
erasure-approved-by-you = Twoja zgoda już jest. Drugą musi dać ktoś inny.
erasure-keyless = Zgodę daje się kluczem dostępu, a Twoje konto go nie ma. Dodaj klucz na stronie swojego konta i wróć tutaj.
erasure-withdraw = Wycofanie propozycji
erasure-withdraw-reason = Powód wycofania
    .hint = Zostaje na zawsze. Bez nazwisk i innych danych osób.
erasure-withdraw-go = Wycofaj propozycję
erasure-propose-again = Zaproponuj tę teczkę od nowa

erasure-certificate = Zaświadczenie o usunięciu danych
erasure-certificate-of = Zaświadczenie: { $file }
erasure-certificate-qr = Kod QR z adresem tej strony
erasure-erased-counts = Usunięto
erasure-certificate-second = Druga zgoda
erasure-certificate-log = Dziennik
erasure-certificate-order = Zlecenie usunięcia
erasure-certificate-done = Wykonanie
erasure-certificate-entry = wpis nr { $seq }
erasure-certificate-leaf = skrót wpisu (SHA-256):
erasure-certificate-under = pod punktem kontrolnym { $size } wpisów o wspólnym skrócie
erasure-means-title = Co to znaczy
erasure-means-gone = Klucze do tych treści zostały nadpisane i skasowane, a pliki skasowane. Ani ten program, ani nikt, kto czyta pliki serwera, nie odtworzy treści.
erasure-means-trace = W dzienniku został ślad bez danych osób. Dzięki niemu każdy może sprawdzić, że usunięto tylko to, co wymienia zlecenie.
erasure-means-not-title = Czego to nie znaczy
erasure-means-flash = Nie wykluczamy, że ktoś z kluczem dysku w ręku znajdzie resztki w układach pamięci dysku. Przed tym chroni szyfrowanie całego dysku i zniszczenie go na końcu.
erasure-means-copies = Kopii katalogu danych zrobionych ręcznie system nie widzi i nie usuwa. Trzeba je zniszczyć osobno. Przyszłe kopie zapasowe będą trzymać dawną treść najwyżej 35 dni.
erasure-means-paper = Nie obejmuje papieru, wydruków, e-maili ani innych systemów urzędu.
erasure-means-print = Ta kartka to wydruk z systemu. Dowodem są dwa pliki, które można sprawdzić.
erasure-check-title = Jak to sprawdzić bez nas
erasure-check-what = Do zaświadczenia należą dwa pliki dowodów. Sprawdzi je każdy, kto ma klucz dziennika, także bez internetu.
erasure-proof-order = Dowód zlecenia
erasure-proof-done = Dowód wykonania
erasure-check-key = Zapisz klucz dziennika w pliku o nazwie vkey. Ten sam klucz jest na stronie dziennika zdarzeń.
erasure-check-proof = Sprawdź oba pliki:
erasure-check-all = Na kopii katalogu danych audytor sprawdzi cały dziennik: czy każda usunięta treść ma swoje zlecenie z dwiema zgodami i czy nic więcej nie zniknęło.
erasure-check-dir = KATALOG

erasure-holds = Wstrzymania
erasure-hold = Wstrzymanie usunięcia
erasure-holds-what = Wstrzymanej teczki nie da się usunąć, choćby minął jej czas. Wstrzymuje się to, czego potrzebuje sąd, prokurator albo kontrola.
erasure-holds-none = Nic nie jest wstrzymane.
erasure-hold-new = Wstrzymaj teczkę
erasure-hold-reason = Powód
    .hint = Sygnatura i organ, na przykład „Sąd Rejonowy, II K 1/26”. Bez nazwisk i innych danych osób, bo ten tekst zostaje na zawsze.
erasure-hold-place = Wstrzymaj usunięcie
erasure-hold-on = Czego dotyczy
erasure-hold-nothing = Tej teczki już nie ma
erasure-hold-placed = Wstrzymano
erasure-hold-stands = Obowiązuje
erasure-hold-lifted = Zakończone
erasure-hold-means = Dopóki wstrzymanie obowiązuje, tej teczki nie da się zaproponować do usunięcia ani przyjąć propozycji.
erasure-hold-lift = Zakończ wstrzymanie
erasure-hold-lift-who = Wstrzymanie kończy administrator.
erasure-lift-reason = Powód zakończenia
    .hint = Na przykład „postępowanie zakończone”. Bez nazwisk i innych danych osób.

erasure-terms = Czas przechowywania
erasure-terms-what = Tyle urząd trzyma teczki każdego rodzaju. Liczby ustawia administrator według wykazu akt tego urzędu. Program sam żadnych nie zna.
erasure-term = Czas przechowywania
erasure-term-of = Czas przechowywania: { $sort }
erasure-term-missing = Nie ustawiono
erasure-term-set = Ustaw czas
erasure-term-counted = Liczymy pełne lata od 1 stycznia roku po zakończeniu teczki. Teczka z czasem 5 lat, zakończona w maju 2024, może zniknąć 1 stycznia 2030.
erasure-term-whence = Przepisz go z jednolitego rzeczowego wykazu akt. Gdy nie masz pewności, zapytaj archiwistę: za krótkiego czasu nie da się cofnąć po usunięciu.
erasure-term-years = Liczba lat
    .hint = Pełne lata, na przykład 5.
erasure-term-category = Kategoria archiwalna
    .hint = Tak jak w wykazie akt, na przykład B5.
erasure-term-basis = Podstawa
    .hint = Wykaz akt i klasa, na przykład „JRWA, klasa 6131”.
erasure-term-save = Zapisz czas
erasure-term-set-by = Ustawiono
erasure-term-who = Czas ustawia administrator.

refusal-erasure-file-unclear = W tym tekście nie ma identyfikatora teczki.
refusal-erasure-file-unclear-do = Otwórz sprawę albo konto mieszkańca i wklej cały adres tej strony.
refusal-erasure-ground-empty = Wskaż, dlaczego dane mają zniknąć.
refusal-erasure-busy = Do tej teczki właśnie trafia nowy wpis.
refusal-erasure-busy-do = Spróbuj ponownie za chwilę.
refusal-erasure-held = Usunięcie jest wstrzymane: tej teczki potrzebuje sąd, prokurator albo kontrola.
refusal-erasure-held-do = Administrator może zakończyć wstrzymanie, gdy powód ustał.
refusal-erasure-proposed-already = Usunięcie tej teczki jest już zaproponowane albo w toku.
refusal-erasure-account-open = To konto jest otwarte.
refusal-erasure-account-open-do = Mieszkaniec zamyka je na stronie swojego konta albo przy okienku. Potem można usunąć dane.
refusal-erasure-not-ended = Ta sprawa jeszcze trwa.
refusal-erasure-not-ended-do = Usunąć można teczkę, w której nie ma już nic do zrobienia.
refusal-erasure-has-matters = Ta osoba ma w urzędzie sprawy, które trzeba jeszcze trzymać.
refusal-erasure-has-matters-do = Konto można usunąć po ostatniej z nich.
refusal-erasure-no-term = Nie ustawiono, jak długo urząd trzyma takie teczki.
refusal-erasure-no-term-do = Czas ustawia administrator na stronie „Czas przechowywania”.
refusal-erasure-term-runs = Czas przechowywania jeszcze nie minął. Teczka może zniknąć od { $until }.
refusal-erasure-request-of-matter = Sprawy nie usuwa się na prośbę, dopóki prawo każe ją trzymać (art. 17 ust. 3 lit. b i d RODO).
refusal-erasure-request-of-matter-do = Poczekaj, aż minie czas przechowywania, i odpowiedz osobie, kiedy to będzie.
refusal-erasure-words-long = To pole może mieć najwyżej { $max } znaków.
refusal-erasure-basis-empty = Podaj podstawę prawną. Zostanie na zaświadczeniu.
refusal-erasure-consent-empty = Podaj znak i datę zgody archiwum państwowego.
refusal-erasure-reason-empty = Podaj powód. Zostanie w rejestrze zmian.
refusal-erasure-category-empty = Podaj kategorię archiwalną z wykazu akt.
refusal-erasure-years = Podaj liczbę lat od 0 do { $max }.
refusal-erasure-not-proposed = Ta propozycja nie czeka już na zgodę.
refusal-erasure-not-proposed-do = Odśwież stronę i zobacz, co się z nią stało.
refusal-erasure-same-person = Twoja zgoda już jest. Drugą musi dać ktoś inny.
refusal-erasure-changed = Do teczki coś doszło, odkąd ją zaproponowano. Zgody dotyczą tego, co było wtedy.
refusal-erasure-changed-do = Wycofaj tę propozycję i zaproponuj teczkę od nowa.
refusal-erasure-first-lapsed = Osoba, która dała pierwszą zgodę, straciła uprawnienie albo usunęła użyty klucz.
refusal-erasure-first-lapsed-do = Wycofaj tę propozycję i zaproponuj teczkę od nowa.
refusal-erasure-no-administrator = Jedną z dwóch zgód musi dać administrator.
refusal-erasure-no-administrator-do = Poproś administratora, żeby otworzył tę stronę.
refusal-erasure-key-unfit = Tym kluczem nie da się potwierdzić usunięcia, bo nikt poza urzędem nie mógłby go sprawdzić.
refusal-erasure-key-unfit-do = Użyj innego klucza, który pyta o PIN, palec albo twarz.
refusal-erasure-under-way = Ta teczka jest właśnie usuwana i nic do niej nie można dopisać.
refusal-erasure-no-file = Takiej teczki nie ma. Mogła już zostać usunięta.
refusal-erasure-no-file-do = Sprawdź, czy wklejony adres jest adresem sprawy albo konta.
refusal-erasure-held-already = Ta teczka jest już wstrzymana.
refusal-erasure-not-done = Zaświadczenie powstaje po usunięciu danych, a to jeszcze nie nastąpiło.
refusal-erasure-not-done-do = Wróć do propozycji i zobacz, na czym stoi.
refusal-erasure-uncertain = Dane usunięto, ale nie damy zaświadczenia: system plików serwera ({ $what }) może przechowywać to, co nadpisano.
refusal-erasure-uncertain-do = Przenieś katalog danych na ext4 albo xfs i zniszcz stary nośnik lub jego migawki.
refusal-erasure-proof-later = Dowód nie jest jeszcze gotowy: dziennik podpisujemy co kilka sekund.
refusal-erasure-proof-later-do = Odśwież stronę za chwilę.

audit-erasure-propose = Propozycja usunięcia teczki
audit-erasure-approve = Pierwsza zgoda na usunięcie teczki
audit-erasure-order = Druga zgoda i zlecenie usunięcia teczki
audit-erasure-done = Wykonanie zlecenia: treści teczki usunięte
audit-erasure-withdraw = Wycofanie propozycji usunięcia
audit-erasure-hold = Wstrzymanie usunięcia teczki
audit-erasure-lift = Zakończenie wstrzymania
audit-erasure-term = Ustawienie czasu przechowywania teczek
