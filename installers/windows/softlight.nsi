; The windows of the installer and the uninstaller. What they do, `setup` does, in a small Python that both carry;
; `build.py` gives the values, and writes what is installed to the end of the program that this makes.

Unicode true
Target amd64-unicode
SetCompressor /SOLID lzma
ManifestDPIAware true
RequestExecutionLevel user
Name "Softlight"
OutFile "${EXE}"
BrandingText "Softlight ${VERSION}, ${BACKEND}"
InstallDir "$LOCALAPPDATA\Programs\Softlight"
InstallDirRegKey HKCU "Software\Microsoft\Windows\CurrentVersion\Uninstall\Softlight" "InstallLocation"
ShowInstDetails show
ShowUninstDetails show

!include MUI2.nsh
!include LogicLib.nsh
!include FileFunc.nsh
!include WinMessages.nsh
!include WinVer.nsh

VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "Softlight"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "Softlight's installer (${BACKEND})"
VIAddVersionKey CompanyName "The Softlight developers"
VIAddVersionKey LegalCopyright "The Softlight developers, Apache License 2.0"

!define SHORTCUT "$SMPROGRAMS\Softlight in GIMP and Krita.lnk"

!define MUI_ICON "${PICTURES}/softlight.ico"
!define MUI_UNICON "${PICTURES}/softlight.ico"
!define MUI_HEADERIMAGE
!define MUI_HEADERIMAGE_RIGHT
!define MUI_HEADERIMAGE_BITMAP "${PICTURES}/top.bmp"
!define MUI_HEADERIMAGE_UNBITMAP "${PICTURES}/top.bmp"
!define MUI_WELCOMEFINISHPAGE_BITMAP "${PICTURES}/side.bmp"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_NOAUTOCLOSE
!define MUI_FINISHPAGE_TEXT "$(WHERE)"
!define MUI_FINISHPAGE_TEXT_LARGE
!define MUI_COMPONENTSPAGE_NODESC

!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_LICENSE "${LICENCE}"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!define MUI_PAGE_CUSTOMFUNCTION_SHOW un.HideSpace
!insertmacro MUI_UNPAGE_COMPONENTS
!insertmacro MUI_UNPAGE_INSTFILES

; The first one is for everybody else.
!insertmacro MUI_LANGUAGE English
!insertmacro MUI_LANGUAGE German
!insertmacro MUI_LANGUAGE French
!insertmacro MUI_LANGUAGE Spanish
!insertmacro MUI_LANGUAGE Japanese
!insertmacro MUI_LANGUAGE SimpChinese
!include sentences.nsh

; Run `setup` with ARGUMENTS; $0 becomes its exit status, and $1 the sentence that it has for the user.
!macro Setup ARGUMENTS
  InitPluginsDir
  SetDetailsPrint none
  !include "${SETUP}.nsh"
  SetOutPath "$PLUGINSDIR"
  SetDetailsPrint both
  StrCpy $1 ""
  ; The dot keeps the backslash of C:\ away from the quotation mark.
  nsExec::ExecToLog '"$PLUGINSDIR\setup\python.exe" -I -m installers.windows.setup ${ARGUMENTS} "$PLUGINSDIR\result.txt"'
  Pop $0
  ; Windows removes no folder that somebody works in.
  SetDetailsPrint none
  SetOutPath "$TEMP"
  SetDetailsPrint both
  ClearErrors
  FileOpen $2 "$PLUGINSDIR\result.txt" r
  ${IfNot} ${Errors}
    FileReadUTF16LE $2 $1
    FileClose $2
  ${Else}
    StrCpy $0 1
    StrCpy $1 "$(BLOCKED)"
  ${EndIf}
  SetErrorLevel $0
  ${If} $0 = 3
    MessageBox MB_OK|MB_ICONEXCLAMATION "$1" /SD IDOK
  ${ElseIf} $0 <> 0
    MessageBox MB_OK|MB_ICONSTOP "$1" /SD IDOK
    Abort "$1"
  ${EndIf}
!macroend

!macro TellPath
  SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
!macroend

Function .onInit
  ${IfNot} ${AtLeastWin10}
    MessageBox MB_OK|MB_ICONSTOP "$(TOO_OLD)" /SD IDOK
    SetErrorLevel 1
    Quit
  ${EndIf}
FunctionEnd

Section "Softlight"
  AddSize ${KILOBYTES}
  InitPluginsDir
  WriteUninstaller "$PLUGINSDIR\uninstall.exe"
  !insertmacro Setup 'install "$EXEPATH" "$PLUGINSDIR\uninstall.exe" "$INSTDIR\."'
  CreateShortcut "${SHORTCUT}" "$INSTDIR\gimp-and-krita.cmd" "" "$INSTDIR\uninstall.exe"
  !insertmacro TellPath
SectionEnd

Section "un.Softlight"
  SectionIn RO
  Call un.Choice
  !insertmacro Setup 'uninstall "$INSTDIR\." $3'
  Delete "${SHORTCUT}"
  !insertmacro TellPath
SectionEnd

Section /o "un.$(PURGE)" OWN
SectionEnd

; It would be that of the uninstaller's own files.
Function un.HideSpace
  FindWindow $0 "#32770" "" $HWNDPARENT
  GetDlgItem $0 $0 1023
  ShowWindow $0 ${SW_HIDE}
FunctionEnd

Function un.Choice
  ${If} ${SectionIsSelected} ${OWN}
    StrCpy $3 "--purge"
  ${Else}
    StrCpy $3 "--keep"
  ${EndIf}
FunctionEnd

Function un.onInit
  ${GetParameters} $3
  ClearErrors
  ${GetOptions} $3 "/PURGE" $4
  ${IfNot} ${Errors}
    !insertmacro SelectSection ${OWN}
  ${EndIf}
FunctionEnd
