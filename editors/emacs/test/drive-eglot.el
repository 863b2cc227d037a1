;;; drive-eglot.el --- What a user does with Eglot, step by step  -*- lexical-binding: t -*-

;;; Commentary:

;; Run by run.sh; see steps.el.

;;; Code:

(require 'eglot)
(require 'flymake)
(require 'steps)
(require 'xref)

(setq eglot-sync-connect 20
      eglot-confirm-server-initiated-edits nil ; its name in old versions
      eglot-confirm-server-edits nil
      eglot-send-changes-idle-time 0.05
      flymake-no-changes-timeout 0.1)

(find-file (drive-path "_Standards/a/Home.md"))
(markdown-mode)
(defvar drive-home (current-buffer))

(drive-step "the server starts for the vault around a note"
  (drive-equal (file-truename (project-root (project-current)))
               (file-truename (file-name-as-directory drive-root)))
  (call-interactively #'eglot)
  (drive-wait "a server" (eglot-current-server)))

(drive-step "diagnostics show what is wrong"
  (flymake-mode 1)
  (flymake-start)
  (let ((texts (mapcar #'flymake-diagnostic-text
                       (drive-wait "diagnostics" (flymake-diagnostics)))))
    (unless (cl-some (lambda (text) (string-match-p "There is no note .Missing" text)) texts)
      (error "%S" texts))))

(drive-step "a link is completed"
  (goto-char (point-max))
  (insert "[[Ol")
  (let* ((capf (run-hook-with-args-until-success 'completion-at-point-functions))
         (all (all-completions "" (nth 2 capf))))
    (unless (cl-some (lambda (one) (string-match-p "Old" one)) all)
      (error "%S" all)))
  (delete-char -4)
  (save-buffer))

(drive-step "a link leads to its note"
  (goto-char (point-min))
  (search-forward "[[Ol")
  (xref-find-definitions (xref-backend-identifier-at-point (xref-find-backend)))
  (drive-equal (file-name-nondirectory buffer-file-name) "Old.md")
  (switch-to-buffer drive-home))

(drive-step "`eglot-rename' renames a heading"
  (find-file (drive-path "_Standards/a/Old.md"))
  (markdown-mode)
  (goto-char (point-min))
  (search-forward "## Pa")
  (eglot-rename "Chapter")
  (save-some-buffers t)
  (drive-equal (drive-read "_Standards/a/Old.md") "# Old\n\n## Chapter\n"))

(drive-step "`vaultmark-rename' renames the note in all tiers"
  (vaultmark-rename "New")
  (drive-equal (file-name-nondirectory buffer-file-name) "New.md")
  (drive-equal (drive-read "_Standards/a/New.md") "# New\n\n## Chapter\n")
  (drive-equal (drive-read "_public/a/New.public.md") "![New](/_Standards/a/New.md)\n")
  (drive-equal (file-exists-p (drive-path "_Standards/a/Old.md")) nil)
  (with-current-buffer drive-home
    (goto-char (point-min))
    (search-forward "[[New|New]]")))

(ignore-errors (eglot-shutdown (eglot-current-server)))
(drive-end)
;;; drive-eglot.el ends here
