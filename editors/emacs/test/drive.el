;;; drive.el --- What a user does, step by step  -*- lexical-binding: t -*-

;;; Commentary:

;; Run by run.sh, in an empty folder that becomes a vault.  Each step asserts
;; what is there afterwards.

;;; Code:

(require 'cl-lib)
(require 'eglot)
(require 'flymake)
(require 'markdown-mode)
(require 'vaultmark)
(require 'xref)

(setq make-backup-files nil
      create-lockfiles nil
      auto-save-default nil
      eglot-sync-connect 20
      eglot-confirm-server-initiated-edits nil ; its name in old versions
      eglot-confirm-server-edits nil
      eglot-send-changes-idle-time 0.05
      flymake-no-changes-timeout 0.1
      vaultmark-command (list (getenv "VAULTMARK") "lsp"))
(fset 'y-or-n-p (lambda (&rest _) t))

(defvar drive-root default-directory)
(defvar drive-passed 0)
(defvar drive-failed 0)

(defun drive-path (path)
  "PATH in the vault."
  (expand-file-name path drive-root))

(defun drive-write (path text)
  "Make the file PATH with TEXT."
  (make-directory (file-name-directory (drive-path path)) t)
  (write-region text nil (drive-path path) nil 'silent))

(defun drive-read (path)
  "The text of PATH."
  (with-temp-buffer
    (insert-file-contents (drive-path path))
    (buffer-string)))

(defmacro drive-wait (what form)
  "Wait for FORM to be true; WHAT says for what."
  `(let ((end (+ (float-time) 20)) found)
     (while (not (or (setq found ,form) (> (float-time) end)))
       (accept-process-output nil 0.05))
     (or found (error "Waited in vain for %s" ,what))))

(defmacro drive-step (name &rest body)
  "Do BODY, the step NAME."
  `(condition-case problem
       (progn ,@body (cl-incf drive-passed) (message "ok   %s" ,name))
     ((error quit) (cl-incf drive-failed) (message "FAIL %s: %S" ,name problem))))

(defun drive-equal (left right)
  "LEFT must be RIGHT."
  (unless (equal left right)
    (error "%S is not %S" left right)))

(drive-write "_Standards/a/Home.md" "# Home\n\n[[Old|Old]]\n\n[[Missing]]\n\nsee ")
(drive-write "_Standards/a/Old.md" "# Old\n\n## Part\n")
(drive-write "_public/a/Old.public.md" "![Old](/_Standards/a/Old.md)\n")

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
(message "%d passed, %d failed" drive-passed drive-failed)
(kill-emacs (if (= drive-failed 0) 0 1))
;;; drive.el ends here
