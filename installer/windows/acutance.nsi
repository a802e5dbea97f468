; Installer for 64-bit Windows 10 or newer.
;
;   makensis -DVERSION=0.2.0 -DPAYLOAD=dist/acutance -DOUTFILE=dist/acutance-setup.exe acutance.nsi
;
; For one user without rights of an administrator, into %LOCALAPPDATA%\Programs. It adds an entry of
; the start menu, "open with Acutance" for DICOM, NIfTI and NRRD files without taking them away from
; the program that opens them now, and an uninstaller that removes all of that and no data.

Unicode true
!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "x64.nsh"

!ifndef VERSION
  !error "VERSION is not given"
!endif
!ifndef PAYLOAD
  !error "PAYLOAD, the folder of the bundle, is not given"
!endif
!ifndef OUTFILE
  !define OUTFILE "acutance-${VERSION}-windows-x64.exe"
!endif

!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Acutance"
!define CLASS_KEY "Software\Classes"

Name "Acutance ${VERSION}"
OutFile "${OUTFILE}"
InstallDir "$LOCALAPPDATA\Programs\Acutance"
InstallDirRegKey HKCU "${UNINSTALL_KEY}" "InstallLocation"
RequestExecutionLevel user
SetCompressor /SOLID lzma
ManifestDPIAware true
!ifdef ICON
  !define MUI_ICON "${ICON}"
  !define MUI_UNICON "${ICON}"
!endif

VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "Acutance"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}.0"
VIAddVersionKey "FileDescription" "Acutance: image quality of scans. Not for diagnosis."
VIAddVersionKey "LegalCopyright" "The Acutance authors"

!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_LICENSE "${PAYLOAD}\NOTICE.txt"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\acutance.exe"
!define MUI_FINISHPAGE_RUN_PARAMETERS "gui"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"

LangString RunningText ${LANG_ENGLISH} "Acutance is running. Close it, then try again."
LangString RunningText ${LANG_GERMAN} "Acutance läuft. Beenden Sie es und versuchen Sie es erneut."
LangString OldWindowsText ${LANG_ENGLISH} "Acutance needs 64-bit Windows 10 or newer."
LangString OldWindowsText ${LANG_GERMAN} "Acutance braucht ein 64-Bit-Windows, Version 10 oder neuer."

!macro OPEN_WITH EXTENSION
  WriteRegStr HKCU "${CLASS_KEY}\${EXTENSION}\OpenWithProgids" "Acutance.Scan" ""
!macroend
!macro NOT_OPEN_WITH EXTENSION
  DeleteRegValue HKCU "${CLASS_KEY}\${EXTENSION}\OpenWithProgids" "Acutance.Scan"
!macroend

; A program that runs holds its file: what cannot be opened for writing is in use.
!macro REFUSE_WHILE_RUNNING
  IfFileExists "$INSTDIR\acutance.exe" 0 +7
    ClearErrors
    FileOpen $0 "$INSTDIR\acutance.exe" a
    IfErrors 0 +3
      MessageBox MB_OK|MB_ICONEXCLAMATION "$(RunningText)" /SD IDOK
      Abort
    FileClose $0
!macroend

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_OK|MB_ICONSTOP "$(OldWindowsText)" /SD IDOK
    Abort
  ${EndIf}
FunctionEnd

Section "Acutance"
  !insertmacro REFUSE_WHILE_RUNNING
  ; Files of the version before that this one no longer has would otherwise stay.
  RMDir /r "$INSTDIR\_internal"
  SetOutPath "$INSTDIR"
  File /r "${PAYLOAD}\*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\Acutance.lnk" "$INSTDIR\acutance.exe" "gui"

  WriteRegStr HKCU "${CLASS_KEY}\Acutance.Scan" "" "Scan"
  WriteRegStr HKCU "${CLASS_KEY}\Acutance.Scan\DefaultIcon" "" "$INSTDIR\acutance.exe,0"
  WriteRegStr HKCU "${CLASS_KEY}\Acutance.Scan\shell\open\command" "" \
    '"$INSTDIR\acutance.exe" gui "%1"'
  !insertmacro OPEN_WITH ".dcm"
  !insertmacro OPEN_WITH ".nii"
  !insertmacro OPEN_WITH ".gz"
  !insertmacro OPEN_WITH ".nrrd"

  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayName" "Acutance"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\acutance.exe,0"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "Publisher" "The Acutance authors"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "EstimatedSize" $0
SectionEnd

Section "Uninstall"
  !insertmacro REFUSE_WHILE_RUNNING
  RMDir /r "$INSTDIR\_internal"
  RMDir /r "$INSTDIR\licenses"
  Delete "$INSTDIR\acutance.exe"
  Delete "$INSTDIR\NOTICE.txt"
  Delete "$INSTDIR\sbom.cdx.json"
  Delete "$INSTDIR\acutance.1"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR" ; only if nothing of the user's lies there
  Delete "$SMPROGRAMS\Acutance.lnk"
  !insertmacro NOT_OPEN_WITH ".dcm"
  !insertmacro NOT_OPEN_WITH ".nii"
  !insertmacro NOT_OPEN_WITH ".gz"
  !insertmacro NOT_OPEN_WITH ".nrrd"
  DeleteRegKey HKCU "${CLASS_KEY}\Acutance.Scan"
  DeleteRegKey HKCU "${UNINSTALL_KEY}"
SectionEnd
