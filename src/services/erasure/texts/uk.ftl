erasure-title = Видалення даних
erasure-lead = Тут ви видаляєте дані, яких уряд більше не може зберігати. Завжди зникає вся тека: справа, обліковий запис або код з усім, що до них належить. Згоду дають дві особи, кожна своїм ключем.
erasure-proposed = Чекає на згоду
erasure-none-proposed = Ніщо не чекає на згоду.
erasure-ordered = Триває
erasure-ordered-what = Ці теки вже мають дві згоди. Система видаляє їх сама, зазвичай за кілька секунд.
erasure-over = Минув час зберігання
erasure-none-over = Немає тек, яким минув час.
erasure-over-caption = Зберігаємо { $years }, категорія { $category }
erasure-no-term = Не встановлено, як довго уряд зберігає такі теки, тому їх не можна тут показати.
erasure-done = Видалено
erasure-none-done = Ще нічого не видалено.
erasure-withdrawn = Відкликані пропозиції
erasure-newest = Спершу найновіші
erasure-other = Інша тека
erasure-other-what = Якщо хтось просить видалити свої дані або це наказав суд чи наглядовий орган, укажіть теку самі.
erasure-other-go = Показати теку
erasure-field-file = Адреса сторінки справи або ідентифікатор
    .hint = Відкрийте справу чи обліковий запис мешканця і скопіюйте адресу з верхнього рядка браузера.
erasure-field-held = Адреса сторінки справи або ідентифікатор
    .hint = Відкрийте справу чи обліковий запис мешканця і скопіюйте адресу з верхнього рядка браузера. Призупинений обліковий запис зберігає і всі справи цієї особи.

erasure-heads-accounts = Облікові записи мешканців
erasure-heads-codes = Коди й запрошення
erasure-class-case = Справа
erasure-class-account = Обліковий запис мешканця
erasure-class-code = Код
erasure-month = { $month ->
    [m1] січень
    [m2] лютий
    [m3] березень
    [m4] квітень
    [m5] травень
    [m6] червень
    [m7] липень
    [m8] серпень
    [m9] вересень
    [m10] жовтень
    [m11] листопад
   *[m12] грудень
} { $year }

erasure-column-file = Тека
erasure-column-class = Вид
erasure-column-ground = Чому
erasure-column-counts = Скільки
erasure-column-day = Коли
erasure-column-agreed = Згоди
erasure-column-ended = Завершена
erasure-column-standing = Стан
erasure-column-sort = Вид тек
erasure-label = Номер
erasure-span = Записи за місяці
erasure-not-over = Ще триває
erasure-agreed = { $n } з 2
erasure-entries = { $n ->
    [one] { $n } запис
    [few] { $n } записи
   *[many] { $n } записів
}
erasure-bodies = { $n ->
    [one] { $n } текст
    [few] { $n } тексти
   *[many] { $n } текстів
}
erasure-blobs = серед них { $n ->
    [one] { $n } файл
    [few] { $n } файли
   *[many] { $n } файлів
}
erasure-years = { $n ->
    [0] до кінця року
    [one] { $n } рік
    [few] { $n } роки
   *[many] { $n } років
}
erasure-is-held = Призупинено
erasure-is-proposed = Чекає на згоду
erasure-is-ordered = Триває
erasure-is-free = Можна запропонувати

erasure-ground = Чому дані мають зникнути
erasure-why = Причина
erasure-ground-term = Минув час зберігання
erasure-ground-term-what = Уряд зберігав теку так довго, як велить перелік справ.
erasure-ground-request = Просить особа, якої це дані
erasure-ground-request-what = Особа попросила видалити свої дані (ст. 17 GDPR). Стосується облікових записів і кодів, а не справ.
erasure-ground-ruling = Наказ суду або наглядового органу
erasure-ground-ruling-what = Наприклад, наказ голови UODO (ст. 58 ч. 2 п. g GDPR).
erasure-new = Тека: { $file }
erasure-new-what = Перевірте, чи це та тека, і вкажіть, чому вона має зникнути.
erasure-partial = Ця тека дуже велика. Спершу зникне найстаріша частина, потім запропонуйте решту.
erasure-basis = Правова підстава
    .hint = Норма або номер і дата листа. Без прізвищ, номерів PESEL та інших даних осіб, бо цей текст залишається назавжди.
erasure-consent = Згода державного архіву
    .hint = Номер і дата листа. Потрібна, коли минув час зберігання справи. З іншої причини залиште порожнім.
erasure-propose = Запропонувати видалення
erasure-propose-next = Зараз ще нічого не зникне. Пропозицію мають схвалити дві особи.
erasure-not-on = Чого зараз не можна вказати
erasure-see-proposal = Подивитися, що з нею
erasure-see-file = Переглянути теку
erasure-hold-this = Призупинити видалення цієї теки

erasure-of = Видалення: { $file }
erasure-is-waiting = Ця тека чекає на згоду. Ще нічого не зникло.
erasure-under-way-now = Видалення триває. Зазвичай воно закінчується за кілька секунд. Чекати тут не треба: ми завершимо його і після перезапуску сервера.
erasure-reload = Оновити
erasure-is-done = Дані видалено.
erasure-is-withdrawn = Пропозицію відкликано. Нічого не видалено.
erasure-event-proposed = Пропозиція
erasure-event-first = Перша згода
erasure-event-second = Друга згода і доручення
erasure-event-done = Видалення
erasure-event-withdrawn = Відкликання
erasure-goes = Що зникне
erasure-goes-texts = Зміст усіх записів цієї теки й усі її файли, в усіх версіях.
erasure-goes-lists = Те, що з них видно у списках і пошуку.
erasure-goes-account = Чернетки й сеанси цієї особи.
erasure-stays = Що залишиться
erasure-stays-trace = Слід без даних осіб: що запис був, коли, якого виду і хто з працівників його зробив під псевдонімом, а для справи – її номер. Без нього не можна було б показати, що журнал ніхто не змінив.
erasure-stays-proofs = Підтвердження, які люди вже мають. Вони діють далі, а файл у мешканця зберігає те, що в ньому було.
erasure-stays-copies = Копії каталогу даних, зроблені вручну: у них є давній зміст, доки їх не знищать. Автоматичних резервних копій у цій версії немає. Коли вони з’являться, то зберігатимуть зміст щонайбільше 35 днів.
erasure-approve-title = Згода
erasure-approve-first = Дати згоду ключем
erasure-approve-first-what = Це перша з двох згод. Ще нічого не зникне, і пропозицію можна відкликати.
erasure-approve-second = Доручити видалення ключем
erasure-approve-second-what = Це друга згода. Після неї дані зникнуть, і скасувати це не можна.
erasure-approve-who = Згоду дають дві різні особи, щонайменше одна з них – адміністратор. Схвалити може і той, хто запропонував.
erasure-approve-noscript = Без скрипту ключем скористатися не можна, а самого входу тут недостатньо. Увімкніть JavaScript і відкрийте цю сторінку ще раз.
erasure-approved-by-you = Ваша згода вже є. Другу має дати хтось інший.
erasure-keyless = Згоду дають ключем доступу, а у вашому обліковому записі його немає. Додайте ключ на сторінці свого облікового запису і поверніться сюди.
erasure-withdraw = Відкликання пропозиції
erasure-withdraw-reason = Причина відкликання
    .hint = Залишається назавжди. Без прізвищ та інших даних осіб.
erasure-withdraw-go = Відкликати пропозицію
erasure-propose-again = Запропонувати цю теку знову

erasure-certificate = Посвідчення про видалення даних
erasure-certificate-of = Посвідчення: { $file }
erasure-certificate-qr = QR-код з адресою цієї сторінки
erasure-erased-counts = Видалено
erasure-certificate-second = Друга згода
erasure-certificate-log = Журнал
erasure-certificate-order = Доручення видалити
erasure-certificate-done = Виконання
erasure-certificate-entry = запис № { $seq }
erasure-certificate-leaf = відбиток запису (SHA-256):
erasure-certificate-under = під контрольною точкою { $size } записів зі спільним відбитком
erasure-means-title = Що це означає
erasure-means-gone = Ключі до цього змісту перезаписано і видалено, а файли видалено. Ні ця програма, ні той, хто читає файли сервера, не відновить змісту.
erasure-means-trace = У журналі залишився слід без даних осіб. За ним кожен може перевірити, що видалено лише те, що називає доручення.
erasure-means-not-title = Чого це не означає
erasure-means-flash = Ми не виключаємо, що хтось із ключем диска знайде залишки в мікросхемах його пам’яті. Від цього захищає шифрування всього диска і знищення його наприкінці.
erasure-means-copies = Копій каталогу даних, зроблених вручну, система не бачить і не видаляє. Їх треба знищити окремо. Майбутні резервні копії зберігатимуть давній зміст щонайбільше 35 днів.
erasure-means-paper = Не охоплює паперу, роздруківок, листів e-mail та інших систем уряду.
erasure-means-print = Цей аркуш – роздруківка із системи. Доказом є два файли, які можна перевірити.
erasure-check-title = Як перевірити це без нас
erasure-check-what = До посвідчення належать два файли доказів. Їх перевірить кожен, хто має ключ журналу, також без інтернету.
erasure-proof-order = Доказ доручення
erasure-proof-done = Доказ виконання
erasure-check-key = Збережіть ключ журналу у файлі з назвою vkey. Той самий ключ є на сторінці журналу подій.
erasure-check-proof = Перевірте обидва файли:
erasure-check-all = На копії каталогу даних аудитор перевірить увесь журнал: чи кожен видалений текст має доручення з двома згодами і чи більше нічого не зникло.
erasure-check-dir = КАТАЛОГ

erasure-holds = Призупинення
erasure-hold = Призупинення видалення
erasure-holds-what = Призупинену теку не можна видалити, навіть якщо минув її час. Призупиняють те, чого потребує суд, прокурор або перевірка.
erasure-holds-none = Нічого не призупинено.
erasure-hold-new = Призупинити теку
erasure-hold-reason = Причина
    .hint = Номер справи та орган, наприклад «Sąd Rejonowy, II K 1/26». Без прізвищ та інших даних осіб, бо цей текст залишається назавжди.
erasure-hold-place = Призупинити видалення
erasure-hold-on = Чого стосується
erasure-hold-nothing = Цієї теки вже немає
erasure-hold-placed = Призупинено
erasure-hold-stands = Діє
erasure-hold-lifted = Завершено
erasure-hold-means = Доки призупинення діє, цю теку не можна запропонувати до видалення ані схвалити пропозицію.
erasure-hold-lift = Завершити призупинення
erasure-hold-lift-who = Призупинення завершує адміністратор.
erasure-lift-reason = Причина завершення
    .hint = Наприклад, «провадження завершено». Без прізвищ та інших даних осіб.

erasure-terms = Час зберігання
erasure-terms-what = Стільки уряд зберігає теки кожного виду. Числа встановлює адміністратор за переліком справ цього уряду. Програма сама не знає жодних.
erasure-term = Час зберігання
erasure-term-of = Час зберігання: { $sort }
erasure-term-missing = Не встановлено
erasure-term-set = Встановити час
erasure-term-counted = Рахуємо повні роки від 1 січня року після завершення теки. Тека з часом 5 років, завершена у травні 2024 року, може зникнути 1 січня 2030 року.
erasure-term-whence = Перепишіть його з переліку справ. Якщо не впевнені, запитайте архіваріуса: закороткого часу після видалення не виправити.
erasure-term-years = Кількість років
    .hint = Повні роки, наприклад 5.
erasure-term-category = Архівна категорія
    .hint = Так, як у переліку справ, наприклад B5.
erasure-term-basis = Підстава
    .hint = Перелік справ і клас, наприклад «JRWA, klasa 6131».
erasure-term-save = Зберегти час
erasure-term-set-by = Встановлено
erasure-term-who = Час встановлює адміністратор.

refusal-erasure-file-unclear = У цьому тексті немає ідентифікатора теки.
refusal-erasure-file-unclear-do = Відкрийте справу чи обліковий запис мешканця і вставте всю адресу цієї сторінки.
refusal-erasure-ground-empty = Укажіть, чому дані мають зникнути.
refusal-erasure-busy = До цієї теки саме надходить новий запис.
refusal-erasure-busy-do = Спробуйте ще раз за мить.
refusal-erasure-held = Видалення призупинено: цієї теки потребує суд, прокурор або перевірка.
refusal-erasure-held-do = Адміністратор може завершити призупинення, коли причина зникне.
refusal-erasure-proposed-already = Видалення цієї теки вже запропоновано або воно триває.
refusal-erasure-account-open = Цей обліковий запис відкритий.
refusal-erasure-account-open-do = Мешканець закриває його на сторінці свого облікового запису або біля віконця. Потім дані можна видалити.
refusal-erasure-not-ended = Ця справа ще триває.
refusal-erasure-not-ended-do = Видалити можна теку, в якій більше нічого робити.
refusal-erasure-has-matters = Ця особа має в уряді справи, які ще треба зберігати.
refusal-erasure-has-matters-do = Обліковий запис можна видалити після останньої з них.
refusal-erasure-no-term = Не встановлено, як довго уряд зберігає такі теки.
refusal-erasure-no-term-do = Час встановлює адміністратор на сторінці «Час зберігання».
refusal-erasure-term-runs = Час зберігання ще не минув. Тека може зникнути від { $until }.
refusal-erasure-request-of-matter = Справи не видаляють на прохання, доки закон велить її зберігати (ст. 17 ч. 3 п. b і d GDPR).
refusal-erasure-request-of-matter-do = Зачекайте, доки мине час зберігання, і повідомте особі, коли це буде.
refusal-erasure-words-long = Це поле може мати щонайбільше { $max } знаків.
refusal-erasure-basis-empty = Вкажіть правову підставу. Вона залишиться на посвідченні.
refusal-erasure-consent-empty = Вкажіть номер і дату згоди державного архіву.
refusal-erasure-reason-empty = Вкажіть причину. Вона залишиться в реєстрі змін.
refusal-erasure-category-empty = Вкажіть архівну категорію з переліку справ.
refusal-erasure-years = Вкажіть кількість років від 0 до { $max }.
refusal-erasure-not-proposed = Ця пропозиція вже не чекає на згоду.
refusal-erasure-not-proposed-do = Оновіть сторінку і подивіться, що з нею сталося.
refusal-erasure-same-person = Ваша згода вже є. Другу має дати хтось інший.
refusal-erasure-changed = До теки щось додалося, відколи її запропоновано. Згоди стосуються того, що було тоді.
refusal-erasure-changed-do = Відкличте цю пропозицію і запропонуйте теку знову.
refusal-erasure-first-lapsed = Особа, яка дала першу згоду, втратила право або видалила використаний ключ.
refusal-erasure-first-lapsed-do = Відкличте цю пропозицію і запропонуйте теку знову.
refusal-erasure-no-administrator = Одну з двох згод має дати адміністратор.
refusal-erasure-no-administrator-do = Попросіть адміністратора відкрити цю сторінку.
refusal-erasure-key-unfit = Цим ключем не можна підтвердити видалення, бо ніхто поза урядом не зміг би його перевірити.
refusal-erasure-key-unfit-do = Скористайтеся іншим ключем, який питає PIN, палець або обличчя.
refusal-erasure-under-way = Цю теку саме видаляють, і до неї нічого не можна дописати.
refusal-erasure-no-file = Такої теки немає. Можливо, її вже видалено.
refusal-erasure-no-file-do = Перевірте, чи вставлена адреса є адресою справи або облікового запису.
refusal-erasure-held-already = Цю теку вже призупинено.
refusal-erasure-not-done = Посвідчення створюють після видалення даних, а цього ще не сталося.
refusal-erasure-not-done-do = Поверніться до пропозиції і подивіться, що з нею.
refusal-erasure-uncertain = Дані видалено, але посвідчення не даємо: файлова система сервера ({ $what }) може зберігати те, що перезаписано.
refusal-erasure-uncertain-do = Перенесіть каталог даних на ext4 або xfs і знищте старий носій чи його знімки.
refusal-erasure-proof-later = Доказ ще не готовий: журнал підписуємо кожні кілька секунд.
refusal-erasure-proof-later-do = Оновіть сторінку за мить.

audit-erasure-propose = Пропозиція видалити теку
audit-erasure-approve = Перша згода на видалення теки
audit-erasure-order = Друга згода і доручення видалити теку
audit-erasure-done = Виконання доручення: тексти теки видалено
audit-erasure-withdraw = Відкликання пропозиції видалити
audit-erasure-hold = Призупинення видалення теки
audit-erasure-lift = Завершення призупинення
audit-erasure-term = Встановлення часу зберігання тек
