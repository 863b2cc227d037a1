;;; drive-lsp-mode.el --- What a user does with lsp-mode, step by step  -*- lexical-binding: t -*-

;;; Commentary:

;; Run by run.sh; see steps.el.

;;; Code:

(require 'lsp-mode)
;; What lsp-mode loads later where there is a screen.
(require 'lsp-completion)
(require 'lsp-diagnostics)
(require 'lsp-headerline)
(require 'lsp-lens)
(require 'lsp-modeline)
(require 'steps)

(setq lsp-auto-guess-root t
      lsp-before-save-edits nil
      lsp-diagnostics-provider :none
      lsp-enable-suggest-server-download nil
      lsp-headerline-breadcrumb-enable nil
      lsp-idle-delay 0.1
      lsp-modeline-code-actions-enable nil
      lsp-modeline-diagnostics-enable nil
      lsp-restart 'ignore
      lsp-session-file (expand-file-name "lsp-session" (getenv "HOME")))

(find-file (drive-path "_Standards/a/Home.md"))
(markdown-mode)
(defvar drive-home (current-buffer))

(defun drive-at (text)
  "Go into the first TEXT of the first note."
  (switch-to-buffer drive-home)
  (goto-char (point-min))
  (search-forward text))

(drive-step "the server starts for the vault around a note"
  (lsp)
  (drive-wait "a server"
              (and (lsp-workspaces)
                   (eq 'initialized (lsp--workspace-status (car (lsp-workspaces))))))
  (drive-equal (lsp--workspace-server-id (car (lsp-workspaces))) 'vaultmark)
  (drive-equal (file-truename (lsp-workspace-root))
               (directory-file-name (file-truename drive-root))))

(drive-step "diagnostics show what is wrong"
  (drive-wait "diagnostics"
              (let (texts)
                (maphash (lambda (_ all)
                           (dolist (one (append all nil))
                             (push (lsp-get one :message) texts)))
                         (lsp-diagnostics))
                (cl-some (lambda (text) (string-match-p "There is no note .Missing" text))
                         texts))))

(drive-step "a link is completed"
  (goto-char (point-max))
  (insert "[[Ol")
  (lsp-completion-mode 1)
  (let ((all (all-completions "" (nth 2 (lsp-completion-at-point)))))
    (unless (cl-some (lambda (one) (string-match-p "Old" one)) all)
      (error "%S" all)))
  (delete-char -4)
  (save-buffer))

(drive-step "hover tells of a link"
  (drive-at "[[Ol")
  (let ((said (lsp-request "textDocument/hover" (lsp--text-document-position-params))))
    (unless (string-match-p "Part" (lsp--render-element (lsp-get said :contents)))
      (error "%S" said))))

(drive-step "a link leads to its note"
  (drive-at "[[Ol")
  (lsp-find-definition)
  (drive-equal (file-name-nondirectory buffer-file-name) "Old.md"))

(drive-step "`lsp-rename' renames the note in all tiers"
  (drive-at "[[Ol")
  (lsp-rename "New")
  (save-some-buffers t)
  (drive-equal (drive-read "_Standards/a/New.md") "# New\n\n## Part\n")
  (drive-equal (drive-read "_public/a/New.public.md") "![New](/_Standards/a/New.md)\n")
  (drive-equal (file-exists-p (drive-path "_Standards/a/Old.md")) nil)
  (drive-equal (string-match-p "\\[\\[New|New]]" (drive-read "_Standards/a/Home.md")) 8))

(drive-step "an action makes a note that is missing"
  (drive-at "[[Miss")
  (let ((create (cl-find-if (lambda (one) (string-prefix-p "Create the note" (lsp-get one :title)))
                            (append (lsp-code-actions-at-point) nil))))
    (lsp-execute-code-action create)
    (save-some-buffers t)
    (drive-equal (file-exists-p (drive-path "Missing.md")) t)))

(drive-step "links follow a file that Emacs moves"
  (rename-file (drive-path "_Standards/a/New.md") (drive-path "_Standards/a/Newer.md"))
  (with-current-buffer drive-home
    (drive-wait "the link" (string-match-p "\\[\\[Newer" (buffer-string)))))

(ignore-errors (lsp-disconnect))
(drive-end)
;;; drive-lsp-mode.el ends here
