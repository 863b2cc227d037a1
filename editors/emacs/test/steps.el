;;; steps.el --- What all drives of Emacs need  -*- lexical-binding: t -*-

;;; Commentary:

;; Each drive runs in an empty folder that becomes a vault.  Each step asserts
;; what is there afterwards.

;;; Code:

(require 'cl-lib)
(require 'markdown-mode)
(require 'vaultmark)

(setq make-backup-files nil
      create-lockfiles nil
      auto-save-default nil
      vaultmark-command (list (getenv "VAULTMARK") "lsp"))
(fset 'y-or-n-p (lambda (&rest _) t))
(fset 'yes-or-no-p (lambda (&rest _) t))

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

(defun drive-end ()
  "Say how many steps passed, and leave."
  (message "%d passed, %d failed" drive-passed drive-failed)
  (kill-emacs (if (= drive-failed 0) 0 1)))

(provide 'steps)
;;; steps.el ends here
