### Намір видалити дерево: стани, події, строки та перешкоди.

trees-stage-draft = чернетка
trees-stage-filed = повідомлення надійшло
trees-stage-kpa-defect = чекає на усунення недоліків
trees-stage-incomplete = чекає на доповнення повідомлення
trees-stage-objection-due = не доповнено, заперечення обовʼязкове
trees-stage-awaiting-inspection = чекає на огляд
trees-stage-outcomes = після огляду
trees-stage-forwarded = передано іншому органу
trees-stage-refused = відмова у відкритті
trees-stage-left-unexamined = залишено без розгляду
trees-stage-withdrawn = відкликано

trees-tree-noticed = повідомлено
trees-tree-inspected = після огляду
trees-tree-discontinued = провадження закрито
trees-tree-certified = довідку видано
trees-tree-silent-consent = мовчазна згода
trees-tree-objected = заперечення
trees-tree-objection-final = заперечення остаточне
trees-tree-no-objection = заперечення скасовано
trees-tree-removed = видалено
trees-tree-expired = повідомлення втратило чинність
trees-tree-withdrawn = відкликано

trees-standing-draft = Чернетка
trees-standing-new = Нове
trees-standing-kpa-defect = Чекає на усунення недоліків
trees-standing-incomplete = Чекає на доповнення
trees-standing-supplement-lapsed = Строк доповнення минув
trees-standing-objection-due = Заперечення обовʼязкове
trees-standing-awaiting-inspection = Чекає на огляд
trees-standing-inspection-overdue = Огляд прострочено
trees-standing-objection-term = Триває строк на заперечення
trees-standing-silence-to-note = Строк на заперечення минув, треба закрити реєстр листів
trees-standing-suspended = Зупинено
trees-standing-answered = Вирішено
trees-standing-forwarded = Передано
trees-standing-refused = Відмова у відкритті
trees-standing-left-unexamined = Без розгляду
trees-standing-withdrawn = Відкликано

trees-removal-allowed = Ви можете видалити це дерево від { $since } до { $until }.
trees-removal-not-inspected = Ще не видаляйте це дерево. Спершу його має оглянути орган.
trees-removal-term-running = Ще не видаляйте це дерево. Якщо орган не внесе заперечення, це буде можливо щонайраніше { $from }.
trees-removal-suspended = Ще не видаляйте це дерево. Справу зупинено, і строк на заперечення не триває.
trees-removal-register-open = Ще не видаляйте це дерево. Строк на заперечення минув, і орган перевіряє, чи нічого не надіслав останнього дня.
trees-removal-objected = Не видаляйте це дерево. Орган вніс заперечення.
trees-removal-expired = Не видаляйте це дерево. Повідомлення втратило чинність { $on }. Повідомте про намір знову.
trees-removal-removed = Дерево видалено { $on }.
trees-removal-discontinued = Орган закрив провадження щодо цього дерева. Причина в рішенні.
trees-removal-ended = Справа закінчилася без відповіді щодо цього дерева.
trees-species-note = Перед видаленням перевірте, чи немає на дереві гнізд і дупел. Гнізда та сховища охоронюваних видів не можна нищити, незалежно від цього повідомлення.

trees-ground-monument-register = нерухомість у реєстрі памʼяток
trees-ground-local-plan = зелень, що охороняється місцевим планом
trees-ground-protected-area = охоронювана територія (національний парк, заповідник, ландшафтний парк, охоронюваний ландшафт, Natura 2000)
trees-ground-natural-monument = дерево відповідає критеріям памʼятки природи
trees-ground-permit-needed = дерево потребує дозволу
trees-ground-not-supplemented = повідомлення не доповнено

trees-channel-post = пошта (призначений оператор)
trees-channel-ade = e-Doręczenia
trees-channel-hybrid = публічна гібридна послуга
trees-channel-by-hand = вручення працівником гміни
trees-channel-other-operator = інший оператор
trees-channel-portal-account = обліковий запис на порталі

trees-track-element = бракує елемента повідомлення (art. 83f ust. 9)
trees-track-formal = формальний недолік (art. 64 § 2 KPA)
trees-suspension-mandatory = зупинення з ініціативи органу (art. 97 KPA)
trees-suspension-on-request = зупинення на прохання (art. 98 KPA)
trees-cause-under-threshold = стовбур не перевищує порога
trees-cause-exempt = про дерево не треба повідомляти
trees-cause-gone = дерева вже немає
trees-finality-lapse = минув строк оскарження
trees-finality-waiver = сторона відмовилася від оскарження
trees-finality-upheld = орган оскарження залишив заперечення в силі

trees-check-ownership = Чи повідомляє власник (облік земель і будівель, земельна книга)
trees-check-monument-register = Чи нерухомість у реєстрі памʼяток
trees-check-local-plan = Чи місцевий план призначає територію під зелень або захищає її інакше
trees-check-protected-area = Чи територія охоплена формою охорони природи
trees-check-natural-monument = Чи дерево відповідає критеріям памʼятки природи
trees-result-yes = так
trees-result-no = ні
trees-result-unclear = не вдалося встановити
trees-capacity-owner = власник
trees-capacity-coowner = співвласник
trees-capacity-agent = представник
trees-capacity-other = інша сторона
trees-signature-signed = підпис є
trees-signature-refused = відмова від підпису
trees-signature-absent = відсутність під час підписання

trees-clock-inspection = огляд
trees-clock-supplement = доповнення повідомлення
trees-clock-summons = усунення недоліків
trees-clock-obligatory-objection = обовʼязкове заперечення (внутрішня мета)
trees-clock-objection = заперечення
trees-clock-validity = чинність повідомлення
trees-clock-fee-watch = плата при будівництві для бізнесу
trees-clock-appeal = оскарження
trees-clock-appeal-forward = передання скарги
trees-clock-running = триває
trees-clock-lapsed = минув
trees-clock-met = дотримано { $day }
trees-clock-interrupted = перервано
trees-clock-frozen = зупинено

trees-alarm = Залишилося { $days ->
    [one] { $days } день
    [few] { $days } дні
   *[many] { $days } днів
} до строку: { $clock }, { $due }.

trees-future-supplement = { $day }: останній день для доповнення повідомлення.
trees-future-inspection-on = { $day }: огляд.
trees-future-inspection-until = До { $day }: огляд.
trees-future-objection = До { $day }: орган може внести заперечення ({ $count ->
    [one] дерево { $trees }
   *[other] дерева { $trees }
}).
trees-future-may-remove = Від { $day }: ви можете видалити { $count ->
    [one] дерево { $trees }
   *[other] дерева { $trees }
}, якщо не буде заперечення й орган це підтвердить.
trees-future-remove-until = { $day }: останній день чинності повідомлення ({ $count ->
    [one] дерево { $trees }
   *[other] дерева { $trees }
}).
trees-future-appeal = До { $day }: ви можете оскаржити ({ $count ->
    [one] дерево { $trees }
   *[other] дерева { $trees }
}).
trees-future-fee-watch = До { $day }: заява про дозвіл на будівництво для бізнесу на цьому місці означає плату за видалене дерево.

trees-done-submit = Повідомлення надійшло до органу.
trees-done-take = Працівник гміни прийняв справу.
trees-done-accept = Повідомлення повне. Орган повідомив сторони.
trees-done-call-element = Орган постановив, що повідомлення треба доповнити.
trees-done-call-formal = Орган викликав усунути недоліки.
trees-done-call-served = Виклик вручено. Строк триває від наступного дня.
trees-done-supplement = Доповнення надійшло.
trees-done-note-lapse = Строк доповнення минув.
trees-done-forward = Орган передав повідомлення належному органу.
trees-done-refuse = Орган відмовив у відкритті справи.
trees-done-plan-inspection = Орган призначив день огляду.
trees-done-inspect = Відбувся огляд.
trees-done-object = Орган вніс заперечення.
trees-done-objection-served = Заперечення вручено.
trees-done-appeal = Надійшла скарга.
trees-done-remand = Орган оскарження скасував заперечення й повернув справу.
trees-done-quash = Орган оскарження скасував заперечення й завершив справу.
trees-done-make-final = Заперечення стало остаточним.
trees-done-certify = Орган видав довідку, що підстав для заперечення немає.
trees-done-note-silence = Строк минув без заперечення. Справу вирішено мовчазно.
trees-done-discontinue = Орган закрив провадження.
trees-done-suspend = Орган зупинив провадження.
trees-done-resume = Орган поновив провадження.
trees-done-withdraw = Повідомлення відкликано.
trees-done-report-removal = Повідомлено, що дерево видалено.
trees-done-note-expiry = Повідомлення втратило чинність.
trees-done-check = Уряд перевірив дані в реєстрі.
trees-done-add-party = Уряд вписав сторону провадження.
trees-done-strike-party = Уряд викреслив сторону провадження.
trees-done-photo = Уряд додав фото з огляду.

trees-caution-post = Лист, надісланий останнього дня, може ще бути в дорозі. Зачекайте кілька днів, перш ніж іти далі.
trees-caution-inspection-late = Огляд після встановленого законом строку. Мовчазної згоди з цього немає, але сторона може скаржитися на зволікання.
trees-caution-inspection-unplanned = На цей день огляд не планували. Перевірте, чи повідомлено сторони.
trees-caution-notice-tight = Від повідомлення минає рівно стільки днів, скільки вимагає закон. Безпечніше на день пізніше.
trees-caution-notice-short = Сторона дізналася про огляд запізно. Опишіть це в протоколі.
trees-caution-dispatch-doubt = Дата надсилання сумнівна. Записано, хто прийняв цей ризик.
trees-caution-hybrid = Для гібридної послуги важливий день, коли оператор перейняв документ. Збережіть доказ.
trees-caution-conservator = Нерухомість у реєстрі памʼяток належить воєводському охоронцеві памʼяток. Перевірте компетенцію.
trees-caution-unchecked = У справі немає перевірки цієї підстави заперечення. Впишіть її, перш ніж про неї запитають в оскарженні.
trees-caution-check-disagrees = Остання перевірка не підтверджує цієї підстави заперечення. Поясніть це в обґрунтуванні.
trees-caution-notify-parties = Про відкриття та про огляд повідомте всі сторони. Список у частині «Сторони».
trees-caution-fee = Немає доказу оплати за довідку на прохання.
trees-caution-appeal-late = Скарга запізнилася. Про це вирішує орган оскарження, тож передайте її.
trees-caution-validity-over = Повідомлення втратило чинність. Скажіть стороні, що потрібне нове.
trees-caution-inspection-due = Це дерево ніхто не оглянув. Тепер треба провести огляд.
trees-caution-other-parties = Перевірте, чи інші сторони (співвласники) не проти закриття.
trees-caution-species = Додайте інформацію про гнізда й охоронювані види.

trees-refusal-wrong-ruleset = Ця справа йде за іншими правилами.
trees-advice-wrong-ruleset = Застосуйте правила дня вручення повідомлення.
trees-refusal-not-submitted = Повідомлення ще не надіслано.
trees-advice-not-submitted = Спершу надішліть повідомлення.
trees-refusal-already-submitted = Це повідомлення вже надійшло.
trees-advice-already-submitted = Відкрийте наявну справу.
trees-refusal-case-ended = Ця справа закінчена.
trees-advice-case-ended = Якщо зʼявилося щось нове, відкрийте нову справу.
trees-refusal-suspended = Провадження зупинено.
trees-advice-suspended = Спершу поновіть провадження.
trees-refusal-not-suspended = Провадження не зупинено.
trees-advice-not-suspended = Нічого робити не треба.
trees-refusal-call-pending = У справі вже є постанова або виклик про доповнення.
trees-advice-call-pending = Зачекайте на доповнення або на кінець строку.
trees-refusal-no-call = У справі немає виклику, на який це відповідало б.
trees-advice-no-call = Спершу видайте та вручіть постанову або виклик.
trees-refusal-wrong-stage = На цьому етапі справи цього зробити не можна.
trees-advice-wrong-stage = Подивіться на шкалі часу, який крок наступний.
trees-refusal-no-trees = Не вказано жодного дерева.
trees-advice-no-trees = Виберіть щонайменше одне дерево.
trees-refusal-unknown-tree = У цій справі немає дерева { $tree }.
trees-advice-unknown-tree = Виберіть дерево зі списку справи.
trees-refusal-repeated-tree = Дерево { $tree } вказано двічі.
trees-advice-repeated-tree = Залиште його у списку один раз.
trees-refusal-already-inspected = Дерево { $tree } вже оглянуто.
trees-advice-already-inspected = Після огляду вирішіть: заперечення, довідка або закриття.
trees-refusal-not-inspected = Дерева { $tree } ще ніхто не оглянув.
trees-advice-not-inspected = Спершу проведіть огляд і складіть протокол.
trees-refusal-already-certified = Для дерева { $tree } видано довідку. Вона виключає заперечення.
trees-advice-already-certified = Більше нічого тут вирішити не можна.
trees-refusal-already-objected = Щодо дерева { $tree } орган вніс заперечення.
trees-advice-already-objected = Змінити це може лише орган оскарження.
trees-refusal-consent-arisen = Щодо дерева { $tree } настала мовчазна згода. Вона звʼязує орган.
trees-advice-consent-arisen = Залишилися лише надзвичайні засоби. Порадьтеся з юристом.
trees-refusal-tree-settled = Щодо дерева { $tree } вже немає чого вирішувати.
trees-advice-tree-settled = Подивіться на шкалі часу, чим закінчилася справа дерева.
trees-refusal-nothing-open = Усі дерева в цій справі вже мають відповідь.
trees-advice-nothing-open = Подивіться на шкалі часу, чим закінчилася справа.
trees-refusal-not-objected = Щодо дерева { $tree } немає заперечення.
trees-advice-not-objected = Виберіть дерево, якого стосується заперечення.
trees-refusal-not-appealed = На заперечення щодо дерева { $tree } не надійшла скарга.
trees-advice-not-appealed = Спершу запишіть скаргу.
trees-refusal-appeal-pending = Скарга щодо дерева { $tree } надійшла { $day }.
trees-advice-appeal-pending = Зачекайте на рішення органу оскарження.
trees-refusal-not-served = Заперечення щодо дерева { $tree } ще не вручено.
trees-advice-not-served = Спершу запишіть день вручення.
trees-refusal-unknown-party = У цій справі немає такої сторони.
trees-advice-unknown-party = Виберіть сторону зі списку в справі.
trees-refusal-party-known = Ця особа вже є стороною в цій ролі.
trees-advice-party-known = Якщо адреса змінилася, впишіть нову й викресліть попередній запис.
trees-refusal-date-in-future = Ця дата в майбутньому. Сьогодні { $day }.
trees-advice-date-in-future = Впишіть день, коли це справді сталося.
trees-refusal-date-before-cause = Ця дата зарання. Найраніше може бути { $day }.
trees-advice-date-before-cause = Перевірте дату: вона не може бути ранішою за подію, з якої випливає.
trees-refusal-nothing-named = Бракує опису або причини.
trees-advice-nothing-named = Напишіть, чого бракує, куди передати або яка причина.
trees-refusal-protocol-missing = Бракує протоколу огляду.
trees-advice-protocol-missing = Додайте підписаний протокол. Він обовʼязковий.
trees-refusal-finding-incomplete = Результати огляду неповні.
trees-advice-finding-incomplete = Вкажіть місце, присутніх та їхню роль, а для кожного дерева вид і обхват кожного стовбура на висоті 5 см.
trees-refusal-signature-unexplained = Не сказано, чому хтось із присутніх не підписав протокол.
trees-advice-signature-unexplained = Відмову або відсутність підпису треба пояснити в протоколі (KPA art. 68 § 2). Впишіть причину.
trees-refusal-check-incomplete = Перевірка неповна.
trees-advice-check-incomplete = Напишіть, що встановлено і звідки. Для місцевого плану вкажіть також символ території та параграф.
trees-refusal-party-incomplete = Бракує імені сторони або того, ким вона є у справі.
trees-advice-party-incomplete = Вкажіть імʼя та прізвище, а для іншої сторони напишіть, чому справа її стосується.
trees-refusal-notice-too-short = Сторона має завчасно дізнатися про огляд. Найраніший можливий день: { $day }.
trees-advice-notice-too-short = Виберіть пізніший день.
trees-refusal-ground-does-not-fit = Ця підстава заперечення не підходить до етапу справи.
trees-advice-ground-does-not-fit = Недоповнення є підставою лише тоді, коли минув строк із постанови. Інші підстави потребують огляду.
trees-refusal-channel-does-not-count = Надсилання цим шляхом не рахується як день заперечення.
trees-advice-channel-does-not-count = Надішліть рішення поштою, через e-Doręczenia або вручіть через працівника.
trees-refusal-dispatch-before-signature = Рішення не могло вийти до підписання ({ $day }).
trees-advice-dispatch-before-signature = Перевірте дату підпису й дату надсилання.
trees-refusal-evidence-missing = Бракує доказу надсилання.
trees-advice-evidence-missing = Вкажіть запис поштової книги або номер доказу e-Doręczenia.
trees-refusal-signatory-missing = Не вказано, хто підписав рішення.
trees-advice-signatory-missing = Вкажіть війта або уповноваженого працівника.
trees-refusal-cause-does-not-fit = Причина закриття не узгоджується з протоколом щодо дерева { $tree }.
trees-advice-cause-does-not-fit = Виберіть причину, яка випливає з огляду.
trees-refusal-list-full = У цій справі більше не вміститься таких записів.
trees-advice-list-full = Зберіть подальші дані в одному документі й додайте його як файл.
trees-refusal-objection-too-late = Строк на заперечення щодо дерева { $tree } минув { $day }. Рахується день надсилання, а не підпису.
trees-advice-objection-too-late = Не надсилайте заперечення. Настала мовчазна згода: закрийте реєстр листів і зробіть запис.
trees-refusal-objection-in-doubt = Певний строк надсилання заперечення щодо дерева { $tree } минув { $day }. Далі сумнівно, чи воно вчасне.
trees-advice-objection-in-doubt = Порадьтеся з юристом. Якщо заперечення треба записати, вкажіть, хто й чому прийняв цей ризик.
trees-refusal-certificate-too-late = Строк на заперечення щодо дерева { $tree } минув { $day }. Довідку можна видати лише раніше.
trees-advice-certificate-too-late = Сторона може отримати довідку про мовчазне вирішення справи.
trees-refusal-supplement-too-late = Строк доповнення минув { $day }.
trees-advice-supplement-too-late = Сторона може просити поновити строк (art. 58 KPA).
trees-refusal-term-lapsed = Строк на заперечення щодо дерева { $tree } минув { $day }.
trees-advice-term-lapsed = Спершу закрийте реєстр листів і запишіть мовчазну згоду.
trees-refusal-term-not-over = Строк ще триває, до { $day } включно.
trees-advice-term-not-over = Зачекайте до наступного дня після строку.
trees-refusal-register-open = Реєстр вихідних листів не закрито за { $day }.
trees-advice-register-open = Перевірте, що вийшло останнього дня строку, і закрийте реєстр.
trees-refusal-removal-not-allowed = Дерево { $tree } не можна було видаляти того дня.
trees-advice-removal-not-allowed = Запишіть це як нотатку у справі. За видалення без права передбачено штраф.
trees-refusal-removal-expired = Право видалити дерево { $tree } закінчилося { $day }.
trees-advice-removal-expired = Потрібне нове повідомлення.
