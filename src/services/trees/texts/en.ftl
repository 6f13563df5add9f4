### Intended tree removal: states, events, terms and obstacles.

trees-stage-draft = draft
trees-stage-filed = notice received
trees-stage-kpa-defect = waiting for defects to be cured
trees-stage-incomplete = waiting for the notice to be completed
trees-stage-objection-due = not completed, objection obligatory
trees-stage-awaiting-inspection = waiting for the inspection
trees-stage-outcomes = inspected
trees-stage-forwarded = passed on to another authority
trees-stage-refused = refused to open
trees-stage-left-unexamined = left unexamined
trees-stage-withdrawn = withdrawn

trees-tree-noticed = notified
trees-tree-inspected = inspected
trees-tree-discontinued = discontinued
trees-tree-certified = certificate issued
trees-tree-silent-consent = silent consent
trees-tree-objected = objection
trees-tree-objection-final = objection, final
trees-tree-no-objection = objection quashed
trees-tree-removed = removed
trees-tree-expired = notice expired
trees-tree-withdrawn = withdrawn

trees-standing-draft = Draft
trees-standing-new = New
trees-standing-kpa-defect = Waiting for defects to be cured
trees-standing-incomplete = Waiting to be completed
trees-standing-supplement-lapsed = Term to complete is over
trees-standing-objection-due = Objection obligatory
trees-standing-awaiting-inspection = Waiting for the inspection
trees-standing-inspection-overdue = Inspection overdue
trees-standing-objection-term = Term for an objection is running
trees-standing-silence-to-note = Term for an objection is over, register to be closed
trees-standing-suspended = Suspended
trees-standing-answered = Settled
trees-standing-forwarded = Passed on
trees-standing-refused = Refused to open
trees-standing-left-unexamined = Left unexamined
trees-standing-withdrawn = Withdrawn

trees-removal-allowed = You may remove this tree from { $since } to { $until }.
trees-removal-not-inspected = Do not remove this tree yet. The office must look at it first.
trees-removal-term-running = Do not remove this tree yet. If the office does not object, it will be possible on { $from } at the earliest.
trees-removal-suspended = Do not remove this tree yet. The case is suspended and the term for an objection stands still.
trees-removal-register-open = Do not remove this tree yet. The term for an objection is over, and the office is checking that nothing was sent on the last day.
trees-removal-objected = Do not remove this tree. The office has objected.
trees-removal-expired = Do not remove this tree. The notice expired on { $on }. Give notice again.
trees-removal-removed = The tree was removed on { $on }.
trees-removal-discontinued = The office discontinued the proceedings about this tree. The reason is in the decision.
trees-removal-ended = The case ended without an answer about this tree.
trees-species-note = Before the removal check the tree for nests and hollows. Nests and shelters of protected species must not be destroyed, whatever this notice says.

trees-ground-monument-register = property in the register of monuments
trees-ground-local-plan = greenery protected by the local plan
trees-ground-protected-area = protected area (national park, reserve, landscape park, protected landscape, Natura 2000)
trees-ground-natural-monument = the tree meets the criteria of a natural monument
trees-ground-permit-needed = the tree needs a permit
trees-ground-not-supplemented = the notice was not completed

trees-channel-post = post (designated operator)
trees-channel-ade = e-Delivery
trees-channel-hybrid = public hybrid service
trees-channel-by-hand = handed over by staff
trees-channel-other-operator = another operator
trees-channel-portal-account = account in the portal

trees-track-element = an element of the notice is missing (art. 83f ust. 9)
trees-track-formal = formal defect (art. 64 § 2 KPA)
trees-suspension-mandatory = suspension ex officio (art. 97 KPA)
trees-suspension-on-request = suspension on request (art. 98 KPA)
trees-cause-under-threshold = the trunk is not over the limit
trees-cause-exempt = the tree is exempt from notice
trees-cause-gone = the tree is gone
trees-finality-lapse = the term for an appeal is over
trees-finality-waiver = the party waived the appeal
trees-finality-upheld = the appeal body upheld the objection

trees-check-ownership = Whether the owner gives the notice (land and buildings register, land register)
trees-check-monument-register = Whether the property is in the register of monuments
trees-check-local-plan = Whether the local plan keeps the area for greenery or protects it otherwise
trees-check-protected-area = Whether a form of nature protection covers the area
trees-check-natural-monument = Whether the tree meets the criteria of natural monuments
trees-result-yes = yes
trees-result-no = no
trees-result-unclear = could not be established
trees-capacity-owner = owner
trees-capacity-coowner = co-owner
trees-capacity-agent = agent
trees-capacity-other = another party
trees-signature-signed = signed
trees-signature-refused = refused to sign
trees-signature-absent = absent at the signing

trees-clock-inspection = inspection
trees-clock-supplement = completing the notice
trees-clock-summons = curing defects
trees-clock-obligatory-objection = obligatory objection (internal target)
trees-clock-objection = objection
trees-clock-validity = validity of the notice
trees-clock-fee-watch = fee when building for a business
trees-clock-appeal = appeal
trees-clock-appeal-forward = passing the appeal on
trees-clock-running = running
trees-clock-lapsed = over
trees-clock-met = met on { $day }
trees-clock-interrupted = interrupted
trees-clock-frozen = suspended

trees-alarm = { $days ->
    [one] { $days } day
   *[other] { $days } days
} left: { $clock }, { $due }.

trees-future-supplement = { $day }: last day to complete the notice.
trees-future-inspection-on = { $day }: inspection.
trees-future-inspection-until = By { $day }: inspection.
trees-future-objection = Until { $day }: the office may object ({ $count ->
    [one] tree { $trees }
   *[other] trees { $trees }
}).
trees-future-may-remove = From { $day }: you may remove { $count ->
    [one] tree { $trees }
   *[other] trees { $trees }
}, if there is no objection and the office confirms it.
trees-future-remove-until = { $day }: last day on which the notice is valid ({ $count ->
    [one] tree { $trees }
   *[other] trees { $trees }
}).
trees-future-appeal = Until { $day }: you may appeal ({ $count ->
    [one] tree { $trees }
   *[other] trees { $trees }
}).
trees-future-fee-watch = Until { $day }: an application for a building permit for a business on this spot means a fee for the removed tree.

trees-done-submit = The office received the notice.
trees-done-take = A clerk took the case.
trees-done-accept = The notice is complete. The office informed the parties.
trees-done-call-element = The office ordered the notice to be completed.
trees-done-call-formal = The office asked for defects to be cured.
trees-done-call-served = The call was served. The term runs from the next day.
trees-done-supplement = What was missing has arrived.
trees-done-note-lapse = The term to complete the notice is over.
trees-done-forward = The office passed the notice on to the proper authority.
trees-done-refuse = The office refused to open the matter.
trees-done-plan-inspection = The office set the day of the inspection.
trees-done-inspect = The inspection was held.
trees-done-object = The office objected.
trees-done-objection-served = The objection was delivered.
trees-done-appeal = An appeal was received.
trees-done-remand = The appeal body quashed the objection and sent the matter back.
trees-done-quash = The appeal body quashed the objection and ended the matter.
trees-done-make-final = The objection became final.
trees-done-certify = The office certified that there are no grounds for an objection.
trees-done-note-silence = The term passed without an objection. The matter was settled by silence.
trees-done-discontinue = The office discontinued the proceedings.
trees-done-suspend = The office suspended the proceedings.
trees-done-resume = The office resumed the proceedings.
trees-done-withdraw = The notice was withdrawn.
trees-done-report-removal = The removal of the tree was reported.
trees-done-note-expiry = The notice expired.
trees-done-check = The office looked something up in a register.
trees-done-add-party = The office entered a party to the proceedings.
trees-done-strike-party = The office struck a party to the proceedings.
trees-done-photo = The office added a photo of the inspection.

trees-caution-post = A letter posted on the last day may still be under way. Wait a few days before you go on.
trees-caution-inspection-late = The inspection is after the statutory term. No silent consent follows, but the party may complain of delay.
trees-caution-inspection-unplanned = No inspection was planned for this day. Check that the parties were told.
trees-caution-notice-tight = The notice is exactly as long as the law wants it. A day more is safer.
trees-caution-notice-short = The party was told of the inspection too late. Describe it in the record.
trees-caution-dispatch-doubt = The date of dispatch is doubtful. Who accepted the risk is on record.
trees-caution-hybrid = With the hybrid service the day counts on which the operator took the document over. Keep the proof.
trees-caution-conservator = A property in the register of monuments belongs to the regional conservator. Check the competence.
trees-caution-unchecked = No check of this ground of the objection is in the case. Enter it before somebody asks for it in an appeal.
trees-caution-check-disagrees = The last check does not confirm this ground of the objection. Explain it in the reasons.
trees-caution-notify-parties = Tell every party that the matter is open and when the inspection is. The list stands under “Parties”.
trees-caution-fee = There is no proof of the fee for a certificate on request.
trees-caution-appeal-late = The appeal is late. The appeal body decides about that, so pass it on.
trees-caution-validity-over = The notice has expired. Tell the party that a new one is needed.
trees-caution-inspection-due = Nobody has looked at this tree. The inspection comes now.
trees-caution-other-parties = Check that other parties (co-owners) do not oppose the end of the proceedings.
trees-caution-species = Add the information on nests and protected species.

trees-refusal-wrong-ruleset = This case runs under other rules.
trees-advice-wrong-ruleset = Use the rules of the day on which the notice was delivered.
trees-refusal-not-submitted = The notice has not been sent yet.
trees-advice-not-submitted = Send the notice first.
trees-refusal-already-submitted = This notice has already been received.
trees-advice-already-submitted = Open the existing case.
trees-refusal-case-ended = This case is closed.
trees-advice-case-ended = If there is something new, open a new case.
trees-refusal-suspended = The proceedings are suspended.
trees-advice-suspended = Resume the proceedings first.
trees-refusal-not-suspended = The proceedings are not suspended.
trees-advice-not-suspended = There is nothing to do.
trees-refusal-call-pending = There is already an order or a summons in this case.
trees-advice-call-pending = Wait for the answer or for the end of the term.
trees-refusal-no-call = There is no call in this case that this would answer.
trees-advice-no-call = Issue and serve an order or a summons first.
trees-refusal-wrong-stage = This is not possible at this stage of the case.
trees-advice-wrong-stage = See on the timeline which step comes next.
trees-refusal-no-trees = No tree was named.
trees-advice-no-trees = Choose at least one tree.
trees-refusal-unknown-tree = There is no tree { $tree } in this case.
trees-advice-unknown-tree = Choose a tree from the list of the case.
trees-refusal-repeated-tree = Tree { $tree } was named twice.
trees-advice-repeated-tree = Leave it on the list once.
trees-refusal-already-inspected = Tree { $tree } has already been inspected.
trees-advice-already-inspected = After the inspection decide: objection, certificate or discontinuance.
trees-refusal-not-inspected = Nobody has inspected tree { $tree } yet.
trees-advice-not-inspected = Hold the inspection and write the record first.
trees-refusal-already-certified = A certificate was issued for tree { $tree }. It excludes an objection.
trees-advice-already-certified = There is nothing more to decide here.
trees-refusal-already-objected = The office has objected to the removal of tree { $tree }.
trees-advice-already-objected = Only the appeal body can change that.
trees-refusal-consent-arisen = Silent consent has arisen for tree { $tree }. It binds the office.
trees-advice-consent-arisen = Only extraordinary remedies are left. Talk to the legal counsel.
trees-refusal-tree-settled = There is nothing left to decide about tree { $tree }.
trees-advice-tree-settled = See on the timeline how the matter of the tree ended.
trees-refusal-nothing-open = Every tree in this case already has its answer.
trees-advice-nothing-open = See on the timeline how the case ended.
trees-refusal-not-objected = There is no objection about tree { $tree }.
trees-advice-not-objected = Choose a tree that the objection is about.
trees-refusal-not-appealed = No appeal was received about tree { $tree }.
trees-advice-not-appealed = Enter the appeal first.
trees-refusal-appeal-pending = An appeal about tree { $tree } was received on { $day }.
trees-advice-appeal-pending = Wait for the appeal body.
trees-refusal-not-served = The objection about tree { $tree } has not been delivered yet.
trees-advice-not-served = Enter the day of delivery first.
trees-refusal-unknown-party = There is no such party in this case.
trees-advice-unknown-party = Choose a party of the case's list.
trees-refusal-party-known = This person is a party in this capacity already.
trees-advice-party-known = If the address has changed, enter the new one and strike the older entry.
trees-refusal-date-in-future = This date is in the future. Today is { $day }.
trees-advice-date-in-future = Enter the day on which it really happened.
trees-refusal-date-before-cause = This date is too early. The earliest possible is { $day }.
trees-advice-date-before-cause = Check the date: it cannot be before the event it follows from.
trees-refusal-nothing-named = The description or the reason is missing.
trees-advice-nothing-named = Say what is missing, where to pass it on, or what the reason is.
trees-refusal-protocol-missing = The record of the inspection is missing.
trees-advice-protocol-missing = Attach the signed record. It is mandatory.
trees-refusal-finding-incomplete = The findings of the inspection are incomplete.
trees-advice-finding-incomplete = Give the place, those present and their role, and for each tree the species and the girth of each trunk 5 cm above the ground.
trees-refusal-signature-unexplained = It is not said why somebody who attended did not sign the record.
trees-advice-signature-unexplained = A refused or missing signature must be explained in the record (KPA art. 68 § 2). Enter the reason.
trees-refusal-check-incomplete = The check is incomplete.
trees-advice-check-incomplete = Say what was found and where. For a local plan name the symbol of the area and the paragraph too.
trees-refusal-party-incomplete = The name of the party is missing, or what they are to the matter.
trees-advice-party-incomplete = Enter the name; for another party say why the matter concerns them.
trees-refusal-notice-too-short = The party must be told of the inspection in good time. The earliest possible day is { $day }.
trees-advice-notice-too-short = Choose a later day.
trees-refusal-ground-does-not-fit = This ground does not fit the stage of the case.
trees-advice-ground-does-not-fit = "Not completed" is a ground only when the term of the order is over. The other grounds need an inspection.
trees-refusal-channel-does-not-count = Dispatch by this way does not count as the day of the objection.
trees-advice-channel-does-not-count = Send the decision by post or e-Delivery, or have it handed over by staff.
trees-refusal-dispatch-before-signature = The decision cannot have left before it was signed ({ $day }).
trees-advice-dispatch-before-signature = Check the date of the signature and of the dispatch.
trees-refusal-evidence-missing = The proof of dispatch is missing.
trees-advice-evidence-missing = Give the entry of the postal book or the number of the e-Delivery evidence.
trees-refusal-signatory-missing = It is not said who signed the decision.
trees-advice-signatory-missing = Name the mayor or the authorised employee.
trees-refusal-cause-does-not-fit = The reason does not agree with the record about tree { $tree }.
trees-advice-cause-does-not-fit = Choose a reason that follows from the inspection.
trees-refusal-list-full = No more entries of this kind fit into this case.
trees-advice-list-full = Put further findings together in one letter and add it as a file.
trees-refusal-objection-too-late = The term for an objection about tree { $tree } ended on { $day }. The day of dispatch counts, not of the signature.
trees-advice-objection-too-late = Do not send the objection. Silent consent has arisen: close the register and enter the note.
trees-refusal-objection-in-doubt = The certain term to dispatch an objection about tree { $tree } ended on { $day }. After that it is doubtful whether it is in time.
trees-advice-objection-in-doubt = Talk to the legal counsel. If the objection is to be entered, say who accepted the risk and why.
trees-refusal-certificate-too-late = The term for an objection about tree { $tree } ended on { $day }. The certificate can only be issued before.
trees-advice-certificate-too-late = The party can have a certificate of silent settlement.
trees-refusal-supplement-too-late = The term to complete the notice ended on { $day }.
trees-advice-supplement-too-late = The party may ask for the term to be restored (art. 58 KPA).
trees-refusal-term-lapsed = The term for an objection about tree { $tree } ended on { $day }.
trees-advice-term-lapsed = Close the register and enter the silent consent first.
trees-refusal-term-not-over = The term is still running, up to and including { $day }.
trees-advice-term-not-over = Wait until the day after the term.
trees-refusal-register-open = The register of outgoing letters is not closed for { $day }.
trees-advice-register-open = Check what left on the last day of the term, and close the register.
trees-refusal-removal-not-allowed = Tree { $tree } must not have been removed on that day.
trees-advice-removal-not-allowed = Enter it as a note in the case. Removal without a right is fined.
trees-refusal-removal-expired = The right to remove tree { $tree } ended on { $day }.
trees-advice-removal-expired = A new notice is needed.
